//! Go's types and kinds, by name.

use super::{Dict, List, ObjectType, StringMap, Strings, Value};

/// The type of a value, a parameter or a result.
#[derive(Clone, Copy)]
pub(crate) enum Type {
    /// `interface {}`: takes anything; what is missing comes as [`Value::Nil`].
    Any,
    /// `reflect.Value`: takes anything; what is missing comes as [`Value::Invalid`]. Builtins only.
    Reflect,
    Bool,
    Int,
    Int64,
    Uint8,
    Uint32,
    Uint64,
    Float64,
    Complex128,
    Text,
    Bytes,
    List,
    Strings,
    Ints,
    Lists,
    Dict,
    StringMap,
    Object(&'static ObjectType),
}

/// `reflect.Kind`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Invalid,
    Bool,
    Int,
    Int64,
    Uint8,
    Uint32,
    Uint64,
    Float64,
    Complex128,
    String,
    Slice,
    Map,
    Struct,
    Ptr,
    Interface,
}

impl Type {
    /// As `%T` and Go's messages print it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::Reflect => "reflect.Value",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Int64 => "int64",
            Self::Uint8 => "uint8",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
            Self::Float64 => "float64",
            Self::Complex128 => "complex128",
            Self::Text => "string",
            Self::Bytes => "[]uint8",
            Self::List => "[]interface {}",
            Self::Strings => "[]string",
            Self::Ints => "[]int",
            Self::Lists => "[][]interface {}",
            Self::Dict => "map[string]interface {}",
            Self::StringMap => "map[string]string",
            Self::Object(object) => object.name,
        }
    }

    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Any => Kind::Interface,
            Self::Reflect => Kind::Struct,
            Self::Bool => Kind::Bool,
            Self::Int => Kind::Int,
            Self::Int64 => Kind::Int64,
            Self::Uint8 => Kind::Uint8,
            Self::Uint32 => Kind::Uint32,
            Self::Uint64 => Kind::Uint64,
            Self::Float64 => Kind::Float64,
            Self::Complex128 => Kind::Complex128,
            Self::Text => Kind::String,
            Self::Bytes | Self::List | Self::Strings | Self::Ints | Self::Lists => Kind::Slice,
            Self::Dict | Self::StringMap => Kind::Map,
            Self::Object(object) => object.kind,
        }
    }

    /// The nil of this type, for a missing value or the constant `nil`; none if it has no nil.
    pub(crate) fn nil(self) -> Option<Value> {
        Some(match self {
            Self::Any => Value::Nil,
            Self::Reflect => Value::Invalid,
            Self::List => Value::List(List::NIL),
            Self::Strings => Value::Strings(Strings::NIL),
            Self::Ints => Value::Ints(List::NIL),
            Self::Lists => Value::Lists(List::NIL),
            Self::Dict => Value::Dict(Dict::NIL),
            Self::StringMap => Value::StringMap(StringMap::NIL),
            Self::Bytes => Value::Bytes(List::NIL),
            Self::Object(object) if object.kind == Kind::Ptr => Value::Nil,
            _ => return None,
        })
    }

    /// Go's `validateType`: the value as an argument of this type, or none.
    pub(crate) fn accept(self, value: Value) -> Option<Value> {
        match (self, value) {
            (Self::Reflect, value) => Some(value),
            (wanted, Value::Invalid) => wanted.nil(),
            (Self::Object(object), Value::Nil) if object.kind == Kind::Ptr => Some(Value::Nil),
            (Self::Any, value @ Value::Object(_)) if value.is_nil() => Some(Value::Nil),
            (Self::Any, value) => Some(value),
            (wanted, value) => (value.type_of()? == wanted).then_some(value),
        }
    }
}

impl PartialEq for Type {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Object(one), Self::Object(other)) => one.name == other.name,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

impl Kind {
    /// As `kindOf` prints it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Int64 => "int64",
            Self::Uint8 => "uint8",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
            Self::Float64 => "float64",
            Self::Complex128 => "complex128",
            Self::String => "string",
            Self::Slice => "slice",
            Self::Map => "map",
            Self::Struct => "struct",
            Self::Ptr => "ptr",
            Self::Interface => "interface",
        }
    }
}
