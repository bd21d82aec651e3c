//! The `error` of methods that have no other result: Go's templates take it for a result like any
//! other.

use std::any::Any;

use crate::error::Fault;
use crate::funcs::Function;
use crate::value::{Kind, Object, ObjectType, Type, Value};

static NIL: ObjectType = ObjectType { name: "error", kind: Kind::Interface, integer: None };
static STRING: ObjectType =
    ObjectType { name: "*errors.errorString", kind: Kind::Ptr, integer: None };

/// An `error` that is nil: it is false, but prints other than a missing value does.
pub(super) struct Nil;

/// `*errors.errorString`
pub(super) struct Text(pub(super) &'static str);

impl Object for Nil {
    fn object_type(&self) -> &'static ObjectType {
        &NIL
    }

    fn method(&self, _: &str) -> Option<&'static Function> {
        None
    }

    fn is_nil(&self) -> bool {
        true
    }

    fn string(&self) -> Option<Vec<u8>> {
        Some(b"<nil>".to_vec())
    }

    fn equals(&self, _: &dyn Object) -> bool {
        true
    }
}

static METHODS: &[Function] = &[Function::new("Error", &[], Type::Text, |_, args| {
    let error = args.any(0).downcast::<Text>().ok_or("no error")?;
    Ok(Value::literal(error.0))
})];

impl Object for Text {
    fn object_type(&self) -> &'static ObjectType {
        &STRING
    }

    fn method(&self, name: &str) -> Option<&'static Function> {
        METHODS.iter().find(|method| method.name == name)
    }

    fn string(&self) -> Option<Vec<u8>> {
        Some(self.0.as_bytes().to_vec())
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("s", Value::literal(self.0))]
    }

    fn json(&self) -> Option<Result<Vec<u8>, Fault>> {
        Some(Ok(b"{}".to_vec()))
    }

    fn deep_copy(&self) -> Option<Value> {
        Some(Value::object(Self("")))
    }

    fn equals(&self, other: &dyn Object) -> bool {
        (other as &dyn Any).downcast_ref().is_some_and(|other: &Self| self.0 == other.0)
    }
}
