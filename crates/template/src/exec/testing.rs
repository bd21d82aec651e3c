//! The engine with values that have methods, which only functions can make.

use Type::{Any, Dict, Int, Text};

use crate::context::Context;
use crate::context::testing::Still;
use crate::error::Fault;
use crate::funcs::{Args, Function};
use crate::template::Template;
use crate::value::{Kind, Object, ObjectType, Type, Value};

/// Functions that exist in these tests only.
pub(crate) static FUNCTIONS: &[Function] = &[
    Function::new("testSpan", &[Int], Type::Object(&SPAN), |_, args| Ok(span(args.int(0)))),
    Function::new("testPoint", &[], Type::Object(&POINT), |_, _| Ok(Value::object(Point))),
    Function::new("testNil", &[], Any, |_, _| Ok(Value::Nil)),
    Function::new("testDict", &[], Dict, |_, _| {
        Ok([(b"nil"[..].into(), Value::Nil), (b"one"[..].into(), Value::Int(1))]
            .into_iter()
            .collect::<crate::value::Dict>()
            .into())
    }),
    Function::new("testKeys", &[Dict], Int, |_, args| Ok(Value::Int(args.dict(0).len() as i64))),
];

static SPAN: ObjectType = ObjectType { name: "test.Span", kind: Kind::Int64, integer: Some(span) };
static POINT: ObjectType = ObjectType { name: "test.Point", kind: Kind::Struct, integer: None };

/// An integer with methods, like `time.Duration`.
struct Span(i64);

fn span(value: i64) -> Value {
    Value::object(Span(value))
}

static SPAN_METHODS: &[Function] = &[
    Function::new("Plus", &[Type::Object(&SPAN)], Type::Object(&SPAN), plus),
    Function::new("Double", &[], Type::Object(&SPAN), |_, args| Ok(span(args.int(0) * 2))),
    Function::new("Join", &[Text, Int], Text, join).variadic(),
    Function::new("Fails", &[], Int, |_, _| Err("as it must".into())),
];

fn plus(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(span(args.int(0) + args.int(1)))
}

fn join(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let numbers = args.from(2).iter().filter_map(Value::signed);
    let numbers: Vec<_> = numbers.map(|number| number.to_string()).collect();
    Ok(numbers.join(&String::from_utf8_lossy(args.text(1))).into_bytes().into())
}

impl Object for Span {
    fn object_type(&self) -> &'static ObjectType {
        &SPAN
    }

    fn method(&self, name: &str) -> Option<&'static Function> {
        SPAN_METHODS.iter().find(|method| method.name == name)
    }

    fn string(&self) -> Option<Vec<u8>> {
        Some(format!("{}s", self.0).into_bytes())
    }

    fn int(&self) -> Option<i64> {
        Some(self.0)
    }

    fn equals(&self, other: &dyn Object) -> bool {
        other.int() == Some(self.0)
    }
}

/// A struct with fields and without `String()`.
struct Point;

impl Object for Point {
    fn object_type(&self) -> &'static ObjectType {
        &POINT
    }

    fn method(&self, _: &str) -> Option<&'static Function> {
        None
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("X", Value::Int(1)), ("Y", Value::literal("two")), ("hidden", Value::Nil)]
    }

    fn equals(&self, _: &dyn Object) -> bool {
        true
    }
}

fn rendered(text: &str) -> Result<String, String> {
    let template = Template::parse("test", text).map_err(|error| error.to_string())?;
    let data = [("a".to_owned(), b"1".to_vec())].into();
    match template.render(&data, &mut Still) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// As Go renders the same with a type of this shape.
#[test]
fn methods_and_fields_are_found() {
    for (text, wanted) in [
        ("{{ testSpan 3 }}", "3s"),
        ("{{ (testSpan 3).Double }}", "6s"),
        ("{{ (testSpan 3).Double.Double }}", "12s"),
        ("{{ $s := testSpan 3 }}{{ $s.Double }}{{ $s.Plus $s }}{{ $s.Plus 4 }}", "6s6s7s"),
        ("{{ (testSpan 3).Plus 1.0 }}", "4s"),
        ("{{ testSpan 1 | (testSpan 2).Plus }}", "3s"),
        ("{{ with testSpan 3 }}{{ .Double }}{{ .Plus 1 | print }}{{ end }}", "6s4s"),
        ("{{ (testSpan 1).Join `-` 1 2 3 }}|{{ (testSpan 1).Join `-` }}", "1-2-3|"),
        ("{{ 7 | (testSpan 1).Join `-` 1 }}", "1-7"),
        ("{{ range testSpan 3 }}{{ . }},{{ end }}", "0s,1s,2s,"),
        (
            "{{ eq (testSpan 3) (testSpan 3) }}{{ lt (testSpan 3) 4 }}{{ eq (testSpan 3) 3 }}",
            "truetruetrue",
        ),
        ("{{ if testSpan 0 }}x{{ else }}y{{ end }}{{ if testPoint }}z{{ end }}", "yz"),
        (
            "{{ printf `%d %v %s %q %x %T` (testSpan 10) (testSpan 10) (testSpan 1) (testSpan 1) (testSpan 1) (testSpan 1) }}",
            "10 10s 1s \"1s\" 3173 test.Span",
        ),
        (
            "{{ printf `%5v|%-5v|%t` (testSpan 1) (testSpan 1) (testSpan 1) }}",
            "   1s|1s   |%!t(test.Span=1)",
        ),
        ("{{ testPoint }}{{ testPoint.X }}{{ (testPoint).Y }}", "{1 two <nil>}1two"),
        (
            "{{ printf `%+v %#v` testPoint testPoint }}",
            "{X:1 Y:two hidden:<nil>} test.Point{X:1, Y:\"two\", hidden:interface {}(nil)}",
        ),
        ("{{ eq testPoint testPoint }}", "true"),
    ] {
        assert_eq!(rendered(text).as_deref(), Ok(wanted), "{text}");
    }
}

#[test]
fn calls_of_methods_are_checked() {
    for text in [
        "{{ (testSpan 3).None }}",
        "{{ (testSpan 3).Double 1 }}",
        "{{ (testSpan 3).Plus }}",
        "{{ (testSpan 3).Plus 1.5 }}",
        "{{ (testSpan 3).Plus `1` }}",
        "{{ (testSpan 3).Plus nil }}",
        "{{ (testSpan 3).Plus .a }}",
        "{{ (testSpan 3).Plus .none }}",
        "{{ (testSpan 3).Plus (testSpan 1) 2 }}",
        "{{ (testSpan 3).Join 1 }}",
        "{{ (testSpan 3).Fails }}",
        "{{ testPoint.X 1 }}",
        "{{ testPoint.hidden }}",
        "{{ testDict.one 1 }}",
        "{{ 1 | testDict.one }}",
        "{{ range testPoint }}{{ end }}",
        "{{ range $i, $x := testSpan 2 }}{{ end }}",
        "{{ len testPoint }}",
        "{{ lt testPoint testPoint }}",
    ] {
        assert!(rendered(text).is_err(), "{text}");
    }
}

/// A nil `interface{}` and no value differ until a pipeline ends.
#[test]
fn nil_is_not_nothing() {
    for (text, wanted) in [
        ("{{ testDict.nil }}|{{ print testDict.nil }}", Some("<no value>|<nil>")),
        ("{{ testDict.nil.x }}", None),
        ("{{ (testDict.nil).x }}", Some("<no value>")),
        ("{{ testNil.x }}", None),
        ("{{ $x := testDict.nil }}{{ $x.y }}", Some("<no value>")),
        ("{{ (index testDict `none`).x }}", Some("<no value>")),
        ("{{ testDict.none.x }}", Some("<no value>")),
        ("{{ range $k, $v := testDict }}{{ $v }};{{ end }}", Some("<no value>;1;")),
        ("{{ range testDict }}{{ .x }}{{ end }}", None),
        ("{{ eq testDict.nil nil }}{{ eq testDict.nil .none }}", Some("truetrue")),
        ("{{ testKeys .none }}", Some("0")),
        ("{{ testKeys nil }}", Some("0")),
        ("{{ testKeys testDict.nil }}", None),
        ("{{ testDict.nil | testKeys }}", Some("0")),
        ("{{ testKeys . }}", None),
        ("{{ len testDict.nil }}", None),
        ("{{ and testDict.nil 1 }}{{ or testDict.nil 1 }}", Some("<no value>1")),
        ("{{ html testDict.nil nil }}", Some("&lt;no value&gt;&lt;no value&gt;")),
    ] {
        assert_eq!(rendered(text).ok().as_deref(), wanted, "{text}");
    }
}
