//! Values of types that have methods.

use std::any::Any;
use std::ops::Deref;
use std::rc::Rc;

use super::meter::{self, Held};
use super::{Kind, Value};
use crate::error::Fault;
use crate::funcs::Function;

/// The type of an object.
pub(crate) struct ObjectType {
    /// As `%T` prints it: `time.Time`, `*semver.Version`.
    pub(crate) name: &'static str,
    /// `Struct`, `Ptr`, or an integer's kind.
    pub(crate) kind: Kind,
    /// For integer kinds: the value of that type for an untyped constant and for `range`.
    pub(crate) integer: Option<fn(i64) -> Value>,
}

/// An object that all copies of a value share, and that counts while it lives.
#[derive(Clone)]
pub(crate) struct Shared(Rc<Metered<dyn Object>>);

struct Metered<T: ?Sized> {
    _held: Held,
    object: T,
}

impl Shared {
    pub(super) fn new(object: impl Object) -> Self {
        let held = Held::new(size_of_val(&object) + meter::OVERHEAD);
        Self(Rc::new(Metered { _held: held, object }))
    }

    /// Whether both are the same pointer.
    pub(super) fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for Shared {
    type Target = dyn Object;

    fn deref(&self) -> &dyn Object {
        &self.0.object
    }
}

/// A value of a type with methods. Objects do not change and hold no lists or dicts.
pub(crate) trait Object: Any {
    fn object_type(&self) -> &'static ObjectType;

    /// The method of that name. Its body gets the receiver as argument 0; `params` are those
    /// after it.
    fn method(&self, name: &str) -> Option<&'static Function>;

    /// How many bytes its methods, `string` and comparisons may read and copy, if that can be many.
    fn size(&self) -> usize {
        0
    }

    /// Whether it is the nil of a pointer or interface type.
    fn is_nil(&self) -> bool {
        false
    }

    /// What `String()` returns; none for types without that method.
    fn string(&self) -> Option<Vec<u8>> {
        None
    }

    /// What `GoString()` returns; none for types without that method.
    fn go_string(&self) -> Option<Vec<u8>> {
        None
    }

    /// The fields of a struct, which are read by name and printed where `string` is none.
    fn fields(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// The number, for types whose kind is a signed integer.
    fn int(&self) -> Option<i64> {
        None
    }

    /// What `encoding/json` makes of it: the text to write, or why there is none; nothing where
    /// the fields are to be written.
    fn json(&self) -> Option<Result<Vec<u8>, Fault>> {
        None
    }

    /// What `deepCopy` makes of it, where that is something else: copystructure leaves out what is
    /// not exported.
    fn deep_copy(&self) -> Option<Value> {
        None
    }

    /// Whether `other`, of the same Go type, is deeply equal.
    fn equals(&self, other: &dyn Object) -> bool;

    /// Whether `==` holds between structs or numbers of this type; pointers are compared as such.
    fn identical(&self, other: &dyn Object) -> bool {
        self.equals(other)
    }
}
