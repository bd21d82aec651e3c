//! A template, parsed.

use std::collections::BTreeMap;

use crate::context::{Budget, World};
use crate::error::TemplateError;
use crate::program::Program;
use crate::{exec, funcs, parser};

/// A parsed template. It can be rendered any number of times, from any thread.
///
/// ```
/// # use sealwright_template::{NoRandomness, Template, Timestamp, World};
/// # struct Still;
/// # impl World for Still {
/// #     fn now(&mut self) -> Timestamp { Timestamp { seconds: 0, nanoseconds: 0 } }
/// #     fn random(&mut self, _: &mut [u8]) -> Result<(), NoRandomness> { Err(NoRandomness) }
/// # }
/// let greeting = Template::parse("greeting", "{{ range until 3 }}{{ $.word | upper }} {{ end }}")?;
/// for (word, wanted) in [("hey", "HEY HEY HEY "), ("ho", "HO HO HO ")] {
///     let data = [("word".to_owned(), word.into())].into();
///     assert_eq!(greeting.render(&data, &mut Still)?, wanted.as_bytes());
/// }
/// # Ok::<(), sealwright_template::TemplateError>(())
/// ```
pub struct Template {
    name: Box<str>,
    text: Box<str>,
    program: Program,
}

impl Template {
    /// Parses `text`. The name is the one that errors carry and that the text can call itself by.
    ///
    /// # Errors
    /// When the text is no template, or calls a function that does not exist.
    ///
    /// ```
    /// # use sealwright_template::{ErrorKind, Template};
    /// let error = Template::parse("file", "{{ toYaml . }}").err().expect("there is no toYaml");
    /// assert_eq!(error.kind(), ErrorKind::UnknownFunction);
    /// assert_eq!(
    ///     error.to_string(),
    ///     "template file, line 1, column 4: function \"toYaml\" not defined"
    /// );
    /// ```
    pub fn parse(name: &str, text: &str) -> Result<Self, TemplateError> {
        let program =
            parser::parse(name, text).map_err(|error| TemplateError::syntax(name, text, error))?;
        Ok(Self { name: name.into(), text: text.into(), program })
    }

    /// Renders with `data` as dot: Go's `map[string]string`, whose values may be any bytes.
    ///
    /// # Errors
    /// When a function refuses its arguments, a type is wrong, or a limit is reached.
    pub fn render(
        &self,
        data: &BTreeMap<String, Vec<u8>>,
        world: &mut dyn World,
    ) -> Result<Vec<u8>, TemplateError> {
        self.render_within(data, world, &mut Budget::default())
    }

    /// The same, at the cost of a budget that other templates share.
    ///
    /// # Errors
    /// As [`Template::render`]; when the others have left too little, too.
    pub fn render_within(
        &self,
        data: &BTreeMap<String, Vec<u8>>,
        world: &mut dyn World,
        budget: &mut Budget,
    ) -> Result<Vec<u8>, TemplateError> {
        exec::render(&self.program, &self.text, data, world, budget)
            .map_err(|failure| TemplateError::execution(&self.name, &self.text, failure))
    }

    /// Whether the same data gives the same text at any time: whether no function is called, here
    /// or in a template that is called from here, that reads the clock or needs randomness.
    ///
    /// Whoever renders again and again, as a reconciler does, would get another Secret each time
    /// from a template that is not steady.
    ///
    /// ```
    /// # use sealwright_template::Template;
    /// assert!(Template::parse("url", "http://{{ .host }}/")?.is_steady());
    /// assert!(!Template::parse("token", "{{ randAlphaNum 20 }}")?.is_steady());
    /// # Ok::<(), sealwright_template::TemplateError>(())
    /// ```
    pub fn is_steady(&self) -> bool {
        self.program.is_steady()
    }

    /// The names of all functions that a template can call: Go's own and Sprig's.
    ///
    /// ```
    /// # use sealwright_template::Template;
    /// assert!(Template::functions().any(|name| name == "b64enc"));
    /// // What reads the environment or asks the network is not there.
    /// assert!(Template::functions().all(|name| name != "env" && name != "getHostByName"));
    /// ```
    pub fn functions() -> impl Iterator<Item = &'static str> {
        funcs::names()
    }
}
