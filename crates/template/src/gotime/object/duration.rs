//! `time.Duration` and its methods.

use Type::{Float64, Int64};

use crate::error::Fault;
use crate::funcs::{Args, Function};
use crate::gotime::duration::{Duration, SECOND};
use crate::value::{Kind, Object, ObjectType, Type, Value};

pub(super) static DURATION: ObjectType = ObjectType {
    name: "time.Duration",
    kind: Kind::Int64,
    integer: Some(|number| Value::object(Duration(number))),
};

impl Object for Duration {
    fn object_type(&self) -> &'static ObjectType {
        &DURATION
    }

    fn method(&self, name: &str) -> Option<&'static Function> {
        METHODS.iter().find(|method| method.name == name)
    }

    fn string(&self) -> Option<Vec<u8>> {
        Some(self.text().into_bytes())
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

/// The type as a parameter or result.
pub(super) const TYPE: Type = Type::Object(&DURATION);

static METHODS: &[Function] = &[
    Function::new("Abs", &[], TYPE, |_, args| {
        let nanoseconds = argument(args, 0)?.0;
        Ok(Value::object(Duration(nanoseconds.saturating_abs())))
    }),
    Function::new("Hours", &[], Float64, |_, args| {
        Ok(argument(args, 0)?.in_units(3600 * SECOND).into())
    }),
    Function::new("Microseconds", &[], Int64, |_, args| {
        Ok(Value::Int64(argument(args, 0)?.0 / 1_000))
    }),
    Function::new("Milliseconds", &[], Int64, |_, args| {
        Ok(Value::Int64(argument(args, 0)?.0 / 1_000_000))
    }),
    Function::new("Minutes", &[], Float64, |_, args| {
        Ok(argument(args, 0)?.in_units(60 * SECOND).into())
    }),
    Function::new("Nanoseconds", &[], Int64, |_, args| Ok(Value::Int64(argument(args, 0)?.0))),
    Function::new("Round", &[TYPE], TYPE, |_, args| {
        Ok(Value::object(argument(args, 0)?.round(argument(args, 1)?)))
    }),
    Function::new("Seconds", &[], Float64, |_, args| {
        Ok(argument(args, 0)?.in_units(SECOND).into())
    }),
    Function::new("String", &[], Type::Text, |_, args| {
        Ok(argument(args, 0)?.text().into_bytes().into())
    }),
    Function::new("Truncate", &[TYPE], TYPE, |_, args| {
        Ok(Value::object(argument(args, 0)?.truncate(argument(args, 1)?)))
    }),
];

/// The duration among the arguments.
pub(super) fn argument(args: &Args<'_>, at: usize) -> Result<Duration, Fault> {
    args.any(at).downcast::<Duration>().copied().ok_or(Fault::new("no duration"))
}
