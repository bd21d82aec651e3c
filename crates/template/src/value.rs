//! Go's values, as far as templates can make them.
//!
//! Types are kept apart as Go keeps them (an `int` is no `int64`), text is bytes, maps are
//! references, and two kinds of nothing differ: [`Value::Invalid`] is what a missing key yields,
//! [`Value::Nil`] is an `interface{}` that holds nil. Functions with parameters of type
//! `interface{}` only ever see `Nil`.

mod counted;
mod equal;
mod grave;
mod list;
mod map;
pub(crate) mod meter;
mod object;
mod text;
mod types;

pub(crate) use counted::{Counted, Left};
pub(crate) use equal::{deep_equal, identical};
pub(crate) use list::{List, Strings};
pub(crate) use map::{Dict, StringMap, WeakDict};
use object::Shared;
pub(crate) use object::{Object, ObjectType};
pub(crate) use text::{Text, wipe};
pub(crate) use types::{Kind, Type};

/// A value with its Go type.
#[derive(Clone)]
pub(crate) enum Value {
    /// No value at all, Go's zero `reflect.Value`: a missing key, an absent argument.
    Invalid,
    /// An `interface{}` that is nil.
    Nil,
    Bool(bool),
    Int(i64),
    Int64(i64),
    Uint8(u8),
    Uint32(u32),
    Uint64(u64),
    Float64(f64),
    /// `complex128`: real and imaginary part.
    Complex128(f64, f64),
    /// `string`: any bytes.
    Text(Text),
    /// `[]byte`, which some methods return.
    Bytes(List<u8>),
    /// `[]interface {}`
    List(List<Value>),
    /// `[]string`
    Strings(Strings),
    /// `[]int`
    Ints(List<i64>),
    /// `[][]interface {}`
    Lists(List<List<Value>>),
    /// `map[string]interface {}`
    Dict(Dict),
    /// `map[string]string`
    StringMap(StringMap),
    /// A value of a type with methods: a time, a duration, a version, a certificate.
    Object(Shared),
}

impl Value {
    /// Wraps an object.
    pub(crate) fn object(object: impl Object) -> Self {
        Self::Object(Shared::new(object))
    }

    /// A string that lives in the program.
    pub(crate) fn literal(text: &'static str) -> Self {
        Self::Text(Text::literal(text))
    }

    /// The type, or none for nothing.
    pub(crate) fn type_of(&self) -> Option<Type> {
        Some(match self {
            Self::Invalid | Self::Nil => return None,
            Self::Bool(_) => Type::Bool,
            Self::Int(_) => Type::Int,
            Self::Int64(_) => Type::Int64,
            Self::Uint8(_) => Type::Uint8,
            Self::Uint32(_) => Type::Uint32,
            Self::Uint64(_) => Type::Uint64,
            Self::Float64(_) => Type::Float64,
            Self::Complex128(..) => Type::Complex128,
            Self::Text(_) => Type::Text,
            Self::Bytes(_) => Type::Bytes,
            Self::List(_) => Type::List,
            Self::Strings(_) => Type::Strings,
            Self::Ints(_) => Type::Ints,
            Self::Lists(_) => Type::Lists,
            Self::Dict(_) => Type::Dict,
            Self::StringMap(_) => Type::StringMap,
            Self::Object(object) => Type::Object(object.object_type()),
        })
    }

    /// The type as `%T` prints it.
    pub(crate) fn type_name(&self) -> &'static str {
        self.type_of().map_or("<nil>", Type::name)
    }

    /// The kind, as `reflect` says.
    pub(crate) fn kind(&self) -> Kind {
        self.type_of().map_or(Kind::Invalid, Type::kind)
    }

    /// Whether `if` takes it for true: not the zero value of its type, not empty.
    pub(crate) fn truth(&self) -> bool {
        match self {
            Self::Invalid | Self::Nil => false,
            Self::Bool(value) => *value,
            Self::Float64(value) => *value != 0.0,
            Self::Complex128(real, imaginary) => *real != 0.0 || *imaginary != 0.0,
            Self::Object(object) => !self.is_nil() && object.int().is_none_or(|value| value != 0),
            other => match (other.len(), other.signed(), other.unsigned()) {
                (Some(length), ..) => length > 0,
                (_, Some(value), _) => value != 0,
                (.., value) => value != Some(0),
            },
        }
    }

    /// The length of a string, list or map; none for anything else.
    pub(crate) fn len(&self) -> Option<usize> {
        Some(match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            Self::List(list) => list.len(),
            Self::Strings(list) => list.len(),
            Self::Ints(list) => list.len(),
            Self::Lists(list) => list.len(),
            Self::Dict(map) => map.len(),
            Self::StringMap(map) => map.len(),
            _ => return None,
        })
    }

    /// The element of a string (a byte), `[]byte` or list; none past the end or for anything else.
    pub(crate) fn element(&self, at: usize) -> Option<Value> {
        match self {
            Self::Text(text) => text.get(at).copied().map(Self::Uint8),
            Self::Bytes(bytes) => bytes.get(at).copied().map(Self::Uint8),
            Self::List(list) => list.get(at).cloned(),
            Self::Strings(list) => list.get(at).map(Self::Text),
            Self::Ints(list) => list.get(at).copied().map(Self::Int),
            Self::Lists(list) => list.get(at).cloned().map(Self::List),
            _ => None,
        }
    }

    /// The elements of a list of any type, as a `[]interface{}` of their own; none if it is no
    /// list (`reflect`'s Slice or Array).
    pub(crate) fn elements(&self) -> Option<Vec<Value>> {
        Some(match self {
            Self::List(list) => list.to_vec(),
            Self::Strings(list) => list.to_vec().into_iter().map(Self::Text).collect(),
            Self::Ints(list) => list.iter().copied().map(Self::Int).collect(),
            Self::Lists(list) => list.iter().cloned().map(Self::List).collect(),
            Self::Bytes(bytes) => bytes.iter().copied().map(Self::Uint8).collect(),
            _ => return None,
        })
    }

    /// How many bytes an object has to read, where that can be many.
    pub(crate) fn object_size(&self) -> usize {
        match self {
            Self::Object(object) => object.size(),
            _ => 0,
        }
    }

    /// A signed integer of any type (`reflect`'s kinds Int to Int64).
    pub(crate) fn signed(&self) -> Option<i64> {
        match self {
            Self::Int(value) | Self::Int64(value) => Some(*value),
            Self::Object(object) => object.int(),
            _ => None,
        }
    }

    /// An unsigned integer of any type (`reflect`'s kinds Uint to Uint64).
    pub(crate) fn unsigned(&self) -> Option<u64> {
        match self {
            Self::Uint8(value) => Some(u64::from(*value)),
            Self::Uint32(value) => Some(u64::from(*value)),
            Self::Uint64(value) => Some(*value),
            _ => None,
        }
    }

    /// The bytes of a `string`.
    pub(crate) fn text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The object, if it is of that Rust type.
    pub(crate) fn downcast<T: Object>(&self) -> Option<&T> {
        match self {
            Self::Object(object) => (&**object as &dyn std::any::Any).downcast_ref(),
            _ => None,
        }
    }

    /// Whether it is nothing at all.
    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self, Self::Invalid | Self::Nil)
    }

    /// Whether it is nothing, or a list, map or pointer that is nil.
    pub(crate) fn is_nil(&self) -> bool {
        match self {
            Self::Invalid | Self::Nil => true,
            Self::List(list) => list.is_nil(),
            Self::Strings(list) => list.is_nil(),
            Self::Ints(list) => list.is_nil(),
            Self::Lists(list) => list.is_nil(),
            Self::Bytes(bytes) => bytes.is_nil(),
            Self::Dict(map) => map.is_nil(),
            Self::StringMap(map) => map.is_nil(),
            Self::Object(object) => object.is_nil(),
            _ => false,
        }
    }
}

macro_rules! made_from {
    ($($from:ty => $variant:ident),* $(,)?) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

made_from! {
    bool => Bool,
    f64 => Float64,
    Text => Text,
    Vec<u8> => Text,
    Vec<Value> => List,
    Vec<Text> => Strings,
    Vec<Vec<Value>> => Lists,
    List<Value> => List,
    Strings => Strings,
    Dict => Dict,
    StringMap => StringMap,
}
