//! Text, actions, control structures and definitions.

use super::kind::{CONCRETE, Kind};
use super::{Dot, Writer, mischief};

const TEXTS: &[&str] = &[
    "|", "|", "|", ";", " ", "\n", "  \n\t", "text ", "=\n", " { ", "} ", "é ", "\r\n", "}}",
    "\u{a0} ", "{ { ", "\"q\" ", "/* */", "- ", " -", "\0", "\u{feff}",
];

/// How deep calls are nested in each other.
const DEPTH: usize = 2;

impl Writer {
    /// A whole template.
    pub(super) fn template(&mut self) -> String {
        let mut out = String::new();
        for _ in 0..self.dice.count(15, 2) {
            out.push_str(&self.definition());
        }
        if self.dice.percent(3) {
            out.push_str(&recursion(self));
        }
        out.push_str(&self.body(3));
        out
    }

    /// A sequence of nodes, in a scope of its own.
    fn body(&mut self, depth: usize) -> String {
        let known = self.scope.len();
        let mut out = String::new();
        for _ in 0..1 + self.dice.count(if depth == 3 { 60 } else { 35 }, 6) {
            out.push_str(&self.node(depth));
            if self.dice.percent(60) {
                out.push_str(self.dice.word(TEXTS));
            }
        }
        self.scope.truncate(known);
        out
    }

    fn node(&mut self, depth: usize) -> String {
        self.budget = self.budget.saturating_sub(1);
        if self.sloppy && self.dice.percent(4) {
            return mischief::oddity(&mut self.dice);
        }
        let leaf = depth == 0 || self.budget == 0;
        match self.dice.below(if leaf { 70 } else { 100 }) {
            0..48 => self.output(),
            48..58 => self.declaration(),
            58..61 => self.assignment(),
            61..64 => self.mutation(),
            64..66 => self.comment(),
            66..69 => self.invocation(),
            69 => self.exit(),
            70..79 => self.condition(depth - 1),
            79..86 => self.with(depth - 1),
            86..97 => self.range(depth - 1),
            _ => self.block(depth - 1),
        }
    }

    /// `{{ … }}`, now and then with trim markers or without spaces.
    fn action(&mut self, inside: &str) -> String {
        let tight = self.dice.percent(15);
        let (mut open, mut close) = match self.dice.below(8) {
            0 if tight => ("{{", "}}"),
            1 => ("{{\n", "\n}}"),
            2 => ("{{\t", " }}"),
            _ => ("{{ ", " }}"),
        };
        if self.dice.percent(12) {
            open = self.dice.word(&["{{- ", "{{-\n"]);
        }
        if self.dice.percent(12) {
            close = self.dice.word(&[" -}}", "\n-}}"]);
        }
        format!("{open}{inside}{close}")
    }

    fn output(&mut self) -> String {
        let pipeline = if self.dice.percent(12) {
            self.known(Kind::Any).unwrap_or_else(|| self.pipeline(Kind::Any, DEPTH))
        } else {
            self.pipeline(Kind::Any, DEPTH)
        };
        self.action(&pipeline)
    }

    fn variable(&mut self) -> String {
        self.variables += 1;
        let stem = self.dice.word(&["v", "x", "é", "_", "V1"]);
        format!("${stem}{}", self.variables)
    }

    fn some_kind(&mut self) -> Kind {
        if self.dice.percent(10) { Kind::Any } else { *self.dice.pick(CONCRETE) }
    }

    fn declaration(&mut self) -> String {
        let kind = self.some_kind();
        let value = self.pipeline(kind, DEPTH);
        let name = self.variable();
        let declared = self.action(&format!("{name} := {value}"));
        let shown = if self.dice.percent(50) { self.action(&name) } else { String::new() };
        self.scope.push((name, kind));
        declared + &shown
    }

    fn assignment(&mut self) -> String {
        if self.scope.is_empty() {
            return self.output();
        }
        let (name, kind) = self.dice.pick(&self.scope).clone();
        let value = self.pipeline(kind, 1);
        let assigned = self.action(&format!("{name} = {value}"));
        assigned + &self.action(&name)
    }

    /// A dict that is changed through one name and seen through another.
    fn mutation(&mut self) -> String {
        let dict = self.pipeline(Kind::Dict, 1);
        let (first, second) = (self.variable(), self.variable());
        let mut out = self.action(&format!("{first} := {dict}"));
        out.push_str(&self.action(&format!("{second} := {first}")));
        let key = self.plain(Kind::Key);
        let change = match self.dice.below(4) {
            0 => format!("$_ := unset {first} {key}"),
            1 => format!(
                "$_ := {} {first} {}",
                self.dice.pick(&["merge", "mergeOverwrite"]),
                self.operand(Kind::Dict, 1)
            ),
            _ => format!("$_ := set {first} {key} {}", self.operand(Kind::Any, 1)),
        };
        out.push_str(&self.action(&change));
        out.push_str(&self.action(&second));
        self.scope.extend([(first, Kind::Dict), (second, Kind::Dict)]);
        out
    }

    fn comment(&mut self) -> String {
        let open = self.dice.word(&["{{/*", "{{/*", "{{- /*", "{{-\n/*"]);
        let close = self.dice.word(&["*/}}", "*/}}", "*/ -}}", "*/\n-}}"]);
        let text = self.dice.word(&["", " c ", " {{ }} ", "\n", "é*", " \"`' "]);
        format!("{open}{text}{close}")
    }

    fn invocation(&mut self) -> String {
        if self.defined.is_empty() {
            return self.output();
        }
        let (name, kind) = self.dice.pick(&self.defined).clone();
        let argument = match kind {
            Some(kind) => self.pipeline(kind, 1),
            None if self.root && self.dot == Dot::Data => ".".into(),
            None if self.root => "$".into(),
            None => return self.output(),
        };
        let bare = if self.dice.percent(3) { "" } else { &*argument };
        self.action(&format!("template \"{name}\" {bare}"))
    }

    fn exit(&mut self) -> String {
        if self.loops == 0 {
            return self.output();
        }
        let test = self.operand(Kind::Any, 1);
        let exit = self.dice.word(&["break", "continue"]);
        if test == "nil" {
            return self.action(exit);
        }
        format!("{}{}{}", self.action(&format!("if {test}")), self.action(exit), self.action("end"))
    }

    fn condition(&mut self, depth: usize) -> String {
        let mut out = String::new();
        let test = self.test();
        out.push_str(&self.action(&format!("if {test}")));
        out.push_str(&self.body(depth));
        for _ in 0..self.dice.count(25, 2) {
            let test = self.test();
            out.push_str(&self.action(&format!("else if {test}")));
            out.push_str(&self.body(depth));
        }
        out.push_str(&self.otherwise(depth, 40));
        out + &self.action("end")
    }

    fn test(&mut self) -> String {
        let kind = if self.dice.percent(50) { Kind::Bool } else { Kind::Any };
        let test = self.pipeline(kind, 1);
        if self.dice.percent(6) {
            let name = self.variable();
            return format!("{name} := {test}");
        }
        test
    }

    fn otherwise(&mut self, depth: usize, percent: u64) -> String {
        if !self.dice.percent(percent) {
            return String::new();
        }
        self.action("else") + &self.body(depth)
    }

    fn with(&mut self, depth: usize) -> String {
        let mut out = String::new();
        let mut word = "with";
        for _ in 0..1 + self.dice.count(15, 2) {
            let kind = self.some_kind();
            let value = self.pipeline(kind, 1);
            let known = self.scope.len();
            let declared =
                if self.dice.percent(30) { self.variable() + " := " } else { String::new() };
            out.push_str(&self.action(&format!("{word} {declared}{value}")));
            if let Some(name) = declared.strip_suffix(" := ") {
                self.scope.push((name.to_owned(), kind));
            }
            out.push_str(&self.about(Dot::Value(kind), depth));
            self.scope.truncate(known);
            word = "else with";
        }
        out.push_str(&self.otherwise(depth, 40));
        out + &self.action("end")
    }

    /// A body whose dot is another one.
    fn about(&mut self, dot: Dot, depth: usize) -> String {
        let before = std::mem::replace(&mut self.dot, dot);
        let body = self.body(depth);
        self.dot = before;
        body
    }

    fn range(&mut self, depth: usize) -> String {
        use Kind::*;
        let (over, key, element) = *self.dice.pick(&[
            (List, Int, Any),
            (List, Int, Any),
            (Strs, Int, Text),
            (Ints, Int, Int),
            (Dict, Text, Any),
            (StrMap, Text, Text),
            (Chunks, Int, List),
            (Width, Int, Int),
        ]);
        let known = self.scope.len();
        let value = match over {
            Dict if self.root && self.dice.percent(30) => "$".into(),
            _ => self.pipeline(over, 1),
        };
        let variables = if over == Width { self.dice.below(2) } else { self.dice.below(3) };
        let kinds = if variables == 2 { vec![key, element] } else { vec![element; variables] };
        let declared: Vec<_> = kinds.into_iter().map(|kind| (self.variable(), kind)).collect();
        let names: Vec<_> = declared.iter().map(|(name, _)| name.clone()).collect();
        let names = if names.is_empty() { String::new() } else { names.join(", ") + " := " };
        let mut out = self.action(&format!("range {names}{value}"));
        self.scope.extend(declared);
        self.loops += 1;
        out.push_str(&self.about(Dot::Value(element), depth));
        self.loops -= 1;
        self.scope.truncate(known);
        out.push_str(&self.otherwise(depth, 25));
        out + &self.action("end")
    }

    fn block(&mut self, depth: usize) -> String {
        let kind = self.some_kind();
        let value = self.pipeline(kind, 1);
        let name = self.name();
        let open = self.action(&format!("block \"{name}\" {value}"));
        let body = self.apart(Dot::Value(kind), depth);
        self.defined.push((name, Some(kind)));
        open + &body + &self.action("end")
    }

    fn definition(&mut self) -> String {
        let kind = if self.dice.percent(30) { None } else { Some(self.some_kind()) };
        let name = self.name();
        let open = self.action(&format!("define \"{name}\""));
        let body = self.apart(kind.map_or(Dot::Data, Dot::Value), 1);
        self.defined.push((name, kind));
        open + &body + &self.action("end")
    }

    fn name(&mut self) -> String {
        self.variables += 1;
        format!("{}{}", self.dice.pick(&["t", "t", "t", "ü ", "{{"]), self.variables)
    }

    /// A body of its own template: it sees no variable of ours, no loop, and another `$`.
    fn apart(&mut self, dot: Dot, depth: usize) -> String {
        let scope = std::mem::take(&mut self.scope);
        let root = std::mem::replace(&mut self.root, dot == Dot::Data);
        let loops = std::mem::replace(&mut self.loops, 0);
        let body = self.about(dot, depth);
        (self.scope, self.root, self.loops) = (scope, root, loops);
        body
    }
}

/// A template that calls itself.
fn recursion(writer: &mut Writer) -> String {
    let times = writer.dice.below(12);
    let test = writer.dice.word(&["gt . 0", "."]);
    format!(
        "{{{{ define \"down\" }}}}{{{{ . }}}},{{{{ if {test} }}}}{{{{ template \"down\" (sub . 1) }}}}{{{{ end }}}}{{{{ end }}}}\
         {{{{ template \"down\" (int64 {times}) }}}}"
    )
}
