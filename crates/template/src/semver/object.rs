//! `*semver.Version` and `semver.Version`, with their methods.

use std::cell::RefCell;

use Type::{Any, Bool, Bytes, Int, Uint64};

use super::version::{INVALID, PRERELEASE, ZERO};
use super::{Version, error};
use crate::context::Context;
use crate::error::Fault;
use crate::funcs::{Args, Function};
use crate::value::{Kind, List, Object, ObjectType, Type, Value};

/// The type of what `semver` returns.
pub(crate) static POINTER: ObjectType =
    ObjectType { name: "*semver.Version", kind: Kind::Ptr, integer: None };
static STRUCT: ObjectType =
    ObjectType { name: "semver.Version", kind: Kind::Struct, integer: None };

/// `*semver.Version`. `Scan` and the like write to it.
struct Pointer(RefCell<Version>);

/// `semver.Version`, which `IncMajor` and its kind return.
struct Plain(Version);

/// What `semver` returns.
pub(crate) fn pointer(version: Version) -> Value {
    Value::object(Pointer(RefCell::new(version)))
}

impl Object for Pointer {
    fn object_type(&self) -> &'static ObjectType {
        &POINTER
    }

    fn method(&self, name: &str) -> Option<&'static Function> {
        POINTER_METHODS.iter().chain(METHODS).find(|method| method.name == name)
    }

    fn size(&self) -> usize {
        self.0.borrow().size()
    }

    fn string(&self) -> Option<Vec<u8>> {
        Some(self.0.borrow().text())
    }

    fn json(&self) -> Option<Result<Vec<u8>, Fault>> {
        Some(Ok(quoted(&self.0.borrow())))
    }

    fn equals(&self, other: &dyn Object) -> bool {
        (other as &dyn std::any::Any).downcast_ref().is_some_and(|other: &Self| self.0 == other.0)
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        fields(&self.0.borrow())
    }

    fn deep_copy(&self) -> Option<Value> {
        Some(pointer(Version::ZERO))
    }
}

impl Object for Plain {
    fn object_type(&self) -> &'static ObjectType {
        &STRUCT
    }

    fn method(&self, name: &str) -> Option<&'static Function> {
        METHODS.iter().find(|method| method.name == name)
    }

    fn size(&self) -> usize {
        self.0.size()
    }

    fn string(&self) -> Option<Vec<u8>> {
        Some(self.0.text())
    }

    fn json(&self) -> Option<Result<Vec<u8>, Fault>> {
        Some(Ok(quoted(&self.0)))
    }

    fn equals(&self, other: &dyn Object) -> bool {
        (other as &dyn std::any::Any).downcast_ref().is_some_and(|other: &Self| self.0 == other.0)
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        fields(&self.0)
    }

    fn deep_copy(&self) -> Option<Value> {
        Some(Value::object(Plain(Version::ZERO)))
    }
}

/// None of them is exported, so they are printed, but not read.
fn fields(version: &Version) -> Vec<(&'static str, Value)> {
    vec![
        ("major", Value::Uint64(version.major)),
        ("minor", Value::Uint64(version.minor)),
        ("patch", Value::Uint64(version.patch)),
        ("pre", version.prerelease.clone().into()),
        ("metadata", version.metadata.clone().into()),
        ("original", version.original.clone().into()),
    ]
}

type Answer = Result<Value, Fault>;

/// The methods of both types.
static METHODS: &[Function] = &[
    Function::new("IncMajor", &[], Type::Object(&STRUCT), |_, args| {
        plain(args, Version::next_major)
    }),
    Function::new("IncMinor", &[], Type::Object(&STRUCT), |_, args| {
        plain(args, Version::next_minor)
    }),
    Function::new("IncPatch", &[], Type::Object(&STRUCT), |_, args| {
        plain(args, Version::next_patch)
    }),
    Function::new("Major", &[], Uint64, |_, args| Ok(Value::Uint64(receiver(args)?.major))),
    Function::new("MarshalJSON", &[], Bytes, |_, args| Ok(bytes(quoted(&receiver(args)?)))),
    Function::new("MarshalText", &[], Bytes, |_, args| Ok(bytes(receiver(args)?.text()))),
    Function::new("Metadata", &[], Type::Text, |_, args| Ok(receiver(args)?.metadata.into())),
    Function::new("Minor", &[], Uint64, |_, args| Ok(Value::Uint64(receiver(args)?.minor))),
    Function::new("Patch", &[], Uint64, |_, args| Ok(Value::Uint64(receiver(args)?.patch))),
    Function::new("Prerelease", &[], Type::Text, |_, args| Ok(receiver(args)?.prerelease.into())),
    Function::new("SetMetadata", &[Type::Text], Type::Object(&STRUCT), |context, args| {
        let version = receiver(args)?.with_metadata(context, args.text(1))?;
        Ok(Value::object(Plain(version)))
    }),
    Function::new("SetPrerelease", &[Type::Text], Type::Object(&STRUCT), |context, args| {
        let version = receiver(args)?.with_prerelease(context, args.text(1))?;
        Ok(Value::object(Plain(version)))
    }),
    Function::new("String", &[], Type::Text, |_, args| Ok(receiver(args)?.text().into())),
    Function::new("Value", &[], Any, |_, args| Ok(receiver(args)?.text().into())),
];

const OTHER: &[Type] = &[Type::Object(&POINTER)];

/// The methods that the pointer has besides.
static POINTER_METHODS: &[Function] = &[
    Function::new("Compare", OTHER, Int, |_, args| {
        compare(args).map(|order| Value::Int(order as i64))
    }),
    Function::new("Equal", OTHER, Bool, |_, args| {
        Ok((!args.any(1).is_nil() && compare(args)?.is_eq()).into())
    }),
    Function::new("GreaterThan", OTHER, Bool, |_, args| Ok(compare(args)?.is_gt().into())),
    Function::new("GreaterThanEqual", OTHER, Bool, |_, args| Ok(compare(args)?.is_ge().into())),
    Function::new("LessThan", OTHER, Bool, |_, args| Ok(compare(args)?.is_lt().into())),
    Function::new("LessThanEqual", OTHER, Bool, |_, args| Ok(compare(args)?.is_le().into())),
    Function::new("Original", &[], Type::Text, |_, args| Ok(receiver(args)?.original.into())),
    Function::new("Scan", &[Any], Any, |context, args| {
        assign(context, args, args.any(1).text().map_or(b"", |text| text))
    }),
    Function::new("UnmarshalJSON", &[Bytes], Any, unmarshal_json),
    Function::new("UnmarshalText", &[Bytes], Any, |context, args| {
        assign(context, args, text_of(args))
    }),
];

/// A copy of the version that the method was called on.
fn receiver(args: &Args<'_>) -> Result<Version, Fault> {
    version(args.any(0)).ok_or(Fault::new("nil pointer dereference"))
}

fn version(value: &Value) -> Option<Version> {
    let pointer = value.downcast::<Pointer>().map(|pointer| pointer.0.borrow().clone());
    pointer.or_else(|| value.downcast::<Plain>().map(|plain| plain.0.clone()))
}

fn compare(args: &Args<'_>) -> Result<std::cmp::Ordering, Fault> {
    let other = version(args.any(1)).ok_or("nil pointer dereference")?;
    Ok(receiver(args)?.compare(&other))
}

fn plain(args: &Args<'_>, change: fn(&Version) -> Version) -> Answer {
    Ok(Value::object(Plain(change(&receiver(args)?))))
}

fn bytes(bytes: Vec<u8>) -> Value {
    Value::Bytes(List::from(bytes))
}

/// JSON needs no escapes: a version is ASCII without quotes.
fn quoted(version: &Version) -> Vec<u8> {
    [b"\"", &*version.text(), b"\""].concat()
}

fn text_of<'a>(args: &'a Args<'_>) -> &'a [u8] {
    match args.any(1) {
        Value::Bytes(bytes) => bytes,
        _ => &[],
    }
}

fn unmarshal_json(context: &mut Context<'_>, args: &mut Args<'_>) -> Answer {
    let text = text_of(args);
    if text.is_empty() {
        return Ok(Value::object(error::Text("unexpected end of JSON input")));
    }
    let inner = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\""));
    assign(context, args, inner.unwrap_or_default())
}

/// Writes to the pointer. Answers the `error`.
fn assign(context: &mut Context<'_>, args: &Args<'_>, text: &[u8]) -> Answer {
    match Version::parse(context, text) {
        Ok(version) => {
            let pointer = args.any(0).downcast::<Pointer>().ok_or(INVALID)?;
            pointer.0.replace(version);
            Ok(Value::object(error::Nil))
        }
        Err(fault) if fault.limit => Err(fault),
        Err(fault) => Ok(Value::object(error::Text(match fault {
            ZERO => "Version segment starts with 0",
            PRERELEASE => "Invalid Prerelease string",
            _ => "Invalid Semantic Version",
        }))),
    }
}
