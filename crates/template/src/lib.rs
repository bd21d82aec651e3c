//! Go templates for the values of a Secret.
//!
//! For now this renders text that holds no action, which is most of `spec.template.data` in the
//! field, and refuses the rest in one clear sentence: text is never passed through half rendered.

/// Why a template was not rendered. Never holds a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The text holds a template action.
    #[error(
        "line {line}, column {column}: template actions ({{{{ … }}}}) are not supported yet, \
         only plain text is"
    )]
    ActionUnsupported {
        /// Line of the first action, from 1.
        line: usize,
        /// Column of the first action in characters, from 1.
        column: usize,
    },
}

/// Renders `text`.
///
/// # Errors
/// When `text` holds an action.
pub fn render(text: &str) -> Result<String, TemplateError> {
    let Some(at) = text.find("{{") else {
        return Ok(text.to_owned());
    };
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Err(TemplateError::ActionUnsupported {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_comes_back_as_it_is() {
        for text in ["", "plain", "}} { {", "ünï\n\tcode"] {
            assert_eq!(render(text), Ok(text.to_owned()));
        }
    }

    #[test]
    fn actions_are_refused_with_their_position() {
        for (text, line, column) in
            [("{{ .a }}", 1, 1), ("a\nü{{/* c */}}", 2, 2), ("\n\n{{", 3, 1)]
        {
            assert_eq!(render(text), Err(TemplateError::ActionUnsupported { line, column }));
        }
    }

    #[test]
    fn the_message_reads_well() {
        let message = render("{{").unwrap_err().to_string();
        assert_eq!(
            message,
            "line 1, column 1: template actions ({{ … }}) are not supported yet, only plain text is"
        );
    }
}
