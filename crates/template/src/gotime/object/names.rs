//! `time.Month`, `time.Weekday` and `*time.Location`.

use std::any::Any;

use crate::error::Fault;
use crate::funcs::Function;
use crate::gotime::layout::{DAYS, MONTHS};
use crate::gotime::zone::Zone;
use crate::value::{Kind, List, Object, ObjectType, Text, Type, Value};

pub(super) static MONTH: ObjectType = ObjectType {
    name: "time.Month",
    kind: Kind::Int,
    integer: Some(|number| Value::object(Month(number))),
};
pub(super) static WEEKDAY: ObjectType = ObjectType {
    name: "time.Weekday",
    kind: Kind::Int,
    integer: Some(|number| Value::object(Weekday(number))),
};
pub(super) static LOCATION: ObjectType =
    ObjectType { name: "*time.Location", kind: Kind::Ptr, integer: None };

static ZONE: ObjectType = ObjectType { name: "*time.zone", kind: Kind::Ptr, integer: None };

/// A pointer that is nil, in a field that is only printed.
struct Nothing(&'static ObjectType);

/// From 1.
pub(super) struct Month(pub(super) i64);

/// From 0, Sunday.
pub(super) struct Weekday(pub(super) i64);

pub(super) struct Location(pub(super) Zone);

fn named(names: &[&str], at: i64, kind: &str, number: i64) -> Vec<u8> {
    let name = usize::try_from(at).ok().and_then(|at| names.get(at));
    // Go prints the number as an unsigned one.
    let unknown = || format!("%!{kind}({})", number.cast_unsigned());
    name.map_or_else(unknown, |name| (*name).to_owned()).into_bytes()
}

impl Month {
    fn name(&self) -> Vec<u8> {
        named(&MONTHS, self.0.wrapping_sub(1), "Month", self.0)
    }
}

impl Weekday {
    fn name(&self) -> Vec<u8> {
        named(&DAYS, self.0, "Weekday", self.0)
    }
}

macro_rules! number_object {
    ($name:ident, $kind:ident, $methods:ident) => {
        static $methods: &[Function] = &[Function::new("String", &[], Type::Text, |_, args| {
            let name = args.any(0).downcast::<$name>().map($name::name);
            Ok(name.unwrap_or_default().into())
        })];

        impl Object for $name {
            fn object_type(&self) -> &'static ObjectType {
                &$kind
            }

            fn method(&self, name: &str) -> Option<&'static Function> {
                $methods.iter().find(|method| method.name == name)
            }

            fn string(&self) -> Option<Vec<u8>> {
                Some(self.name())
            }

            fn int(&self) -> Option<i64> {
                Some(self.0)
            }

            fn json(&self) -> Option<Result<Vec<u8>, Fault>> {
                Some(Ok(self.0.to_string().into_bytes()))
            }

            fn equals(&self, other: &dyn Object) -> bool {
                other.int() == Some(self.0)
            }
        }
    };
}

number_object!(Month, MONTH, MONTH_METHODS);
number_object!(Weekday, WEEKDAY, WEEKDAY_METHODS);

static LOCATION_METHODS: &[Function] = &[Function::new("String", &[], Type::Text, |_, args| {
    let location = args.any(0).downcast::<Location>();
    Ok(location.map_or(Text::EMPTY, |location| location.0.name()).into())
})];

impl Object for Location {
    fn object_type(&self) -> &'static ObjectType {
        &LOCATION
    }

    fn size(&self) -> usize {
        self.0.size()
    }

    fn method(&self, name: &str) -> Option<&'static Function> {
        LOCATION_METHODS.iter().find(|method| method.name == name)
    }

    fn string(&self) -> Option<Vec<u8>> {
        Some(self.0.name().to_vec())
    }

    fn json(&self) -> Option<Result<Vec<u8>, Fault>> {
        Some(Ok(b"{}".to_vec()))
    }

    fn equals(&self, other: &dyn Object) -> bool {
        let other = (other as &dyn Any).downcast_ref::<Self>();
        other.is_some_and(|other| self.0.same(&other.0))
    }

    /// Local time is UTC, in all but what Go calls it in `%#v`.
    fn fields(&self) -> Vec<(&'static str, Value)> {
        let none = Value::List(List::NIL);
        vec![
            ("name", self.0.name().into()),
            ("zone", none.clone()),
            ("tx", none),
            ("extend", Text::EMPTY.into()),
            ("cacheStart", Value::Int64(0)),
            ("cacheEnd", Value::Int64(0)),
            ("cacheZone", Value::object(Nothing(&ZONE))),
        ]
    }

    fn deep_copy(&self) -> Option<Value> {
        Some(Value::object(Self(Zone::Blank)))
    }
}

impl Object for Nothing {
    fn object_type(&self) -> &'static ObjectType {
        self.0
    }

    fn method(&self, _: &str) -> Option<&'static Function> {
        None
    }

    fn is_nil(&self) -> bool {
        true
    }

    fn equals(&self, other: &dyn Object) -> bool {
        other.is_nil()
    }
}

/// A `*time.Location` that is nil.
pub(super) fn no_location() -> Value {
    Value::object(Nothing(&LOCATION))
}
