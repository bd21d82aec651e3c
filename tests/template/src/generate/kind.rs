//! Kinds: Go's types, and for strings and numbers what they are meant to say.

/// What a parameter takes or an expression gives.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are those of the tables")]
pub enum Kind {
    Any,
    Nil,
    Bool,
    // Strings
    Text,
    Regex,
    RegexText,
    Repl,
    Layout,
    B64,
    B32,
    Json,
    Url,
    Path,
    Version,
    Constraint,
    Identifier,
    Sep,
    Needle,
    Key,
    Zone,
    Span,
    KindName,
    TypeName,
    Digits,
    // Numbers
    Int,
    Count,
    Size,
    Width,
    Index,
    Limit,
    Step,
    Places,
    RoundOn,
    Int64,
    Uint64,
    Float,
    Num,
    NonZero,
    Complex,
    // Collections
    List,
    LongList,
    Joinable,
    Strs,
    Ints,
    Chunks,
    Dict,
    UrlDict,
    StrMap,
    Sized,
    Bytes,
    // Values with methods
    Time,
    Instant,
    Moment,
    Duration,
    Lapse,
    Seconds,
    Month,
    Weekday,
    Location,
    Semver,
    Release,
}

use Kind::*;

const NAMES: &[(&str, Kind)] = &[
    ("any", Any),
    ("bool", Bool),
    ("text", Text),
    ("regex", Regex),
    ("regextext", RegexText),
    ("repl", Repl),
    ("layout", Layout),
    ("b64", B64),
    ("b32", B32),
    ("json", Json),
    ("url", Url),
    ("path", Path),
    ("version", Version),
    ("constraint", Constraint),
    ("identifier", Identifier),
    ("sep", Sep),
    ("needle", Needle),
    ("key", Key),
    ("zone", Zone),
    ("span", Span),
    ("kindname", KindName),
    ("typename", TypeName),
    ("digits", Digits),
    ("int", Int),
    ("count", Count),
    ("size", Size),
    ("width", Width),
    ("index", Index),
    ("limit", Limit),
    ("step", Step),
    ("places", Places),
    ("roundon", RoundOn),
    ("int64", Int64),
    ("uint64", Uint64),
    ("float", Float),
    ("num", Num),
    ("nonzero", NonZero),
    ("complex", Complex),
    ("list", List),
    ("longlist", LongList),
    ("joinable", Joinable),
    ("strs", Strs),
    ("ints", Ints),
    ("chunks", Chunks),
    ("dict", Dict),
    ("urldict", UrlDict),
    ("strmap", StrMap),
    ("sized", Sized),
    ("bytes", Bytes),
    ("time", Time),
    ("instant", Instant),
    ("duration", Duration),
    ("lapse", Lapse),
    ("seconds", Seconds),
    ("month", Month),
    ("weekday", Weekday),
    ("location", Location),
    ("semver", Semver),
    ("release", Release),
];

/// Strings that mean something, for data as for literals.
pub(super) const STRINGS: &[Kind] = &[
    Text, Text, Text, Regex, RegexText, Repl, Layout, B64, B32, Json, Json, Url, Path, Version,
    Constraint, Sep, Needle, Key, Zone, Span, KindName, TypeName, Digits, Digits,
];

/// What an expression of kind [`Any`] is made of.
pub(super) const CONCRETE: &[Kind] = &[
    Text, Text, Text, Text, Digits, Json, Bool, Int, Int, Count, Int64, Float, Float, Complex,
    List, List, Strs, Ints, Chunks, Dict, Dict, StrMap, Time, Duration, Month, Semver, Uint64,
    Bytes,
];

impl Kind {
    /// The kind that a table calls `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// Whether it is a Go string.
    #[must_use]
    pub fn is_string(self) -> bool {
        STRINGS.contains(&self) || self == Identifier
    }

    /// Whether a value of the kind `given` will do.
    #[must_use]
    pub fn takes(self, given: Self) -> bool {
        match self {
            Any => true,
            _ if self == given => true,
            Text => given.is_string(),
            Int => matches!(given, Count | Size | Width | Index | Limit | Step | Places),
            Num => matches!(given, Int | Int64 | Uint64 | Float | Count | Digits | Bool),
            List => matches!(given, LongList | Strs | Ints | Chunks),
            Joinable => matches!(given, List | Strs | Ints | Dict | Text),
            Sized => {
                given.is_string() || matches!(given, List | Strs | Ints | Chunks | Dict | StrMap)
            }
            Dict => given == UrlDict,
            Instant => matches!(given, Time | Int64),
            Lapse => matches!(given, Int64 | Span),
            Seconds => matches!(given, Int64 | Digits),
            _ => false,
        }
    }
}
