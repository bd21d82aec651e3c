//! Expressions of a wanted kind: operands, calls, pipelines, methods.

use super::kind::{CONCRETE, Kind};
use super::tables::{EXPRESSIONS, FUNCTIONS, Function, METHODS, Method, Parameter, Times};
use super::{Writer, literal, special, strings};

impl Writer {
    /// Something that can stand as an argument.
    pub(super) fn operand(&mut self, kind: Kind, depth: usize) -> String {
        let kind = self.settled(kind);
        if kind == Kind::Nil {
            return "nil".into();
        }
        if self.dice.percent(35)
            && let Some(known) = self.known(kind)
        {
            return known;
        }
        if depth > 0 && self.dice.percent(45) {
            return format!("({})", self.pipeline(kind, depth - 1));
        }
        self.plain(kind)
    }

    /// The kind itself, one that will do in its place, or when errors are wanted any.
    fn settled(&mut self, kind: Kind) -> Kind {
        use Kind::*;
        if self.sloppy && self.dice.percent(6) {
            return if self.dice.percent(15) { Nil } else { *self.dice.pick(CONCRETE) };
        }
        match kind {
            Any if self.dice.percent(5) => Nil,
            Any => *self.dice.pick(CONCRETE),
            Num => *self
                .dice
                .pick(&[Int, Int, Int, Count, Float, Float, Int64, Digits, Bool, Uint64, Any]),
            NonZero if self.dice.percent(15) => *self.dice.pick(&[Int64, Float, Digits]),
            Instant => *self.dice.pick(&[Time, Time, Time, Moment, Moment, Int64, Int]),
            Lapse => *self.dice.pick(&[Span, Span, Int64]),
            Seconds => *self.dice.pick(&[Digits, Int64, Int64, Float]),
            Joinable => *self.dice.pick(&[List, List, Strs, Strs, Ints, Text, Dict, Int]),
            Sized => *self.dice.pick(&[Text, List, Strs, Dict, StrMap, Ints, Chunks]),
            List => *self.dice.pick(&[List, List, List, Strs, Ints, Chunks]),
            Text if self.dice.percent(8) => {
                *self.dice.pick(&[Json, Url, Path, Digits, B64, Version])
            }
            _ => kind,
        }
    }

    /// A variable or a field of the wanted kind.
    pub(super) fn known(&mut self, kind: Kind) -> Option<String> {
        let mut fitting: Vec<String> = Vec::new();
        fitting.extend(
            self.scope.iter().filter(|(_, given)| kind.takes(*given)).map(|(name, _)| name.clone()),
        );
        let from = if self.dot == super::Dot::Data { Some(".") } else { None };
        if let Some(from) = from.or(self.root.then_some("$.")) {
            for (name, given) in &self.fields {
                if kind.takes(*given) {
                    fitting.push(field(from, name));
                }
            }
        }
        if let super::Dot::Value(given) = self.dot
            && kind.takes(given)
        {
            fitting.extend([".".to_owned(), ".".to_owned()]);
        }
        (!fitting.is_empty()).then(|| self.dice.pick(&fitting).clone())
    }

    /// The shortest way to a value of the kind: a literal, or a call with literals.
    pub(super) fn plain(&mut self, kind: Kind) -> String {
        if kind.is_string() {
            let value = strings::string(&mut self.dice, kind);
            return literal::string(&mut self.dice, &value);
        }
        special::plain(self, kind)
    }

    /// A pipeline that gives a value of the kind.
    pub(super) fn pipeline(&mut self, kind: Kind, depth: usize) -> String {
        match self.dice.below(100) {
            0..62 => self.table_call(kind, depth),
            62..76 => special::pipeline(self, kind, depth),
            76..84 => self.method_call(kind, depth),
            84..88 => self.canned(kind),
            88..94 => special::wrapped(self, kind, depth),
            _ => None,
        }
        .unwrap_or_else(|| self.head(kind, depth))
    }

    /// An operand that may stand alone: `nil` may not.
    fn head(&mut self, kind: Kind, depth: usize) -> String {
        match self.operand(kind, depth) {
            nil if nil == "nil" => self.plain(Kind::Text),
            operand => operand,
        }
    }

    fn canned(&mut self, kind: Kind) -> Option<String> {
        let fitting: Vec<_> = EXPRESSIONS.iter().filter(|(given, _)| kind.takes(*given)).collect();
        (!fitting.is_empty()).then(|| self.dice.pick(&fitting).1.to_owned())
    }

    fn table_call(&mut self, kind: Kind, depth: usize) -> Option<String> {
        let fitting: Vec<&Function> =
            FUNCTIONS.iter().filter(|function| kind.takes(function.result)).collect();
        if fitting.is_empty() {
            return None;
        }
        let function = fitting[self.dice.weighted(fitting.iter().map(|function| function.weight))];
        let call = self.call(function, depth);
        // Go walks maps in a random order.
        Some(if matches!(function.name, "keys" | "values") {
            format!("{call} | sortAlpha")
        } else {
            call
        })
    }

    fn call(&mut self, function: &Function, depth: usize) -> String {
        let kinds = self.kinds(&function.parameters);
        let piped = !kinds.is_empty() && self.dice.percent(35);
        let direct = if piped { &kinds[..kinds.len() - 1] } else { &kinds };
        let mut call = String::from(function.name);
        for kind in direct {
            call.push(' ');
            call.push_str(&self.operand(*kind, depth));
        }
        if !piped {
            return call;
        }
        let last = kinds[kinds.len() - 1];
        let left = if depth > 0 && self.dice.percent(50) {
            self.pipeline(last, depth - 1)
        } else {
            self.head(last, depth.saturating_sub(1))
        };
        let bar = self.dice.word(&[" | ", " | ", " | ", "|", " |\n"]);
        format!("{left}{bar}{call}")
    }

    fn kinds(&mut self, parameters: &[Parameter]) -> Vec<Kind> {
        let mut kinds = Vec::new();
        for parameter in parameters {
            let times = match parameter.times {
                Times::Once => 1,
                Times::Maybe => usize::from(self.dice.percent(50)),
                Times::Any => self.dice.count(60, 4),
                Times::Some => 1 + self.dice.count(50, 3),
            };
            kinds.extend(std::iter::repeat_n(parameter.kind, times));
        }
        if self.sloppy && self.dice.percent(3) {
            kinds.push(Kind::Any);
        } else if self.sloppy && self.dice.percent(3) {
            kinds.pop();
        }
        kinds
    }

    fn method_call(&mut self, kind: Kind, depth: usize) -> Option<String> {
        let fitting: Vec<&Method> =
            METHODS.iter().filter(|method| kind.takes(method.function.result)).collect();
        if fitting.is_empty() {
            return None;
        }
        let method = *self.dice.pick(&fitting);
        let receiver = self.operand(method.receiver, depth.min(1));
        let mut call =
            format!("{}.{}", if receiver == "." { "" } else { &*receiver }, method.function.name);
        for kind in self.kinds(&method.function.parameters) {
            call.push(' ');
            call.push_str(&self.operand(kind, depth.saturating_sub(1)));
        }
        Some(call)
    }
}

/// `.name`, or a call of `index` where the name is none that Go's templates can spell.
pub(super) fn field(from: &str, name: &str) -> String {
    let spelled = name.chars().all(|character| character == '_' || character.is_alphanumeric());
    if spelled && !name.is_empty() && !name.starts_with(|first: char| first.is_ascii_digit()) {
        return format!("{from}{name}");
    }
    let of = from.strip_suffix('.').filter(|of| !of.is_empty()).unwrap_or(".");
    format!("(index {of} \"{name}\")")
}
