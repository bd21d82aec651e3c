//! Calls whose arguments have to fit each other, and values that have no literal.

use super::kind::{CONCRETE, Kind};
use super::strings::{self, dated};
use super::{Writer, literal, printf};

/// The shortest way to a value that is no string.
pub(super) fn plain(writer: &mut Writer, kind: Kind) -> String {
    use Kind::*;
    match kind {
        Nil => "nil".into(),
        Bool => writer.dice.word(&["true", "false"]).into(),
        Int | Count | Size | Width | Index | Limit | Step | Places | NonZero => {
            number(writer, kind)
        }
        Num | Float => literal::float(&mut writer.dice),
        RoundOn => writer.dice.word(&["0.5", "0.1", "0.9", "0.0", "1.0", "0.49", "1"]).into(),
        Complex => literal::complex(&mut writer.dice),
        Int64 => format!(
            "({} {})",
            writer.dice.pick(&["int64", "int64", "add1", "add"]),
            number(writer, Int)
        ),
        Uint64 => {
            format!("{}.{}", plain(writer, Semver), writer.dice.pick(&["Major", "Minor", "Patch"]))
        }
        Time | Instant => format!("({})", date(writer)),
        Moment => moment(writer),
        Duration => duration(writer),
        Month => format!("{}.Month", plain(writer, Time)),
        Weekday => format!("{}.Weekday", plain(writer, Time)),
        Location => format!("{}.Location", plain(writer, Time)),
        Semver => format!("(semver {})", writer.plain(Version)),
        Release => format!(
            "{}.Inc{}",
            plain(writer, Semver),
            writer.dice.pick(&["Major", "Minor", "Patch"])
        ),
        Bytes => bytes(writer),
        Strs => format!("(splitList {} {})", writer.plain(Sep), writer.plain(Text)),
        Ints => format!("(until {})", number(writer, Width)),
        Chunks => format!("(chunk {} {})", number(writer, Size), list(writer, 0)),
        StrMap => format!("(split {} {})", writer.plain(Sep), writer.plain(Text)),
        Dict => format!("({})", dict(writer, 0)),
        UrlDict => format!("({})", url_dict(writer)),
        LongList => list(writer, 4),
        List | Joinable | Sized => list(writer, 0),
        _ => writer.plain(Text),
    }
}

fn number(writer: &mut Writer, kind: Kind) -> String {
    const BOUNDS: &[i64] = &[
        0,
        1,
        -1,
        2,
        7,
        10,
        42,
        100,
        127,
        128,
        255,
        256,
        -128,
        1000,
        65_536,
        1_000_000,
        2_147_483_647,
        -2_147_483_648,
        4_294_967_296,
        9_007_199_254_740_993,
        1_708_000_000,
        i64::MAX,
        i64::MIN,
        i64::MAX - 1,
    ];
    let dice = &mut writer.dice;
    let value = match kind {
        Kind::Count if dice.percent(10) => *dice.pick(BOUNDS),
        Kind::Count => dice.between(-3, 20),
        Kind::Size if dice.percent(4) => dice.between(-2, 0),
        Kind::Size => dice.between(1, 12),
        Kind::Width if dice.percent(2) => -1,
        Kind::Width => dice.between(0, 9),
        Kind::Index if dice.percent(2) => dice.between(-2, 9),
        Kind::Index => dice.between(0, 2),
        Kind::Limit => dice.between(-1, 5),
        Kind::Step => dice.between(-4, 9),
        Kind::Places if dice.percent(4) => dice.between(-3, 20),
        Kind::Places => dice.between(0, 6),
        Kind::NonZero if dice.percent(2) => 0,
        Kind::NonZero => *dice.pick(&BOUNDS[1..]),
        _ if dice.percent(40) => *dice.pick(BOUNDS),
        _ => dice.between(-20, 100),
    };
    literal::integer(dice, value)
}

fn date(writer: &mut Writer) -> String {
    let (layout, text) = dated(&mut writer.dice);
    let function = if writer.dice.percent(10) { "mustToDate" } else { "toDate" };
    if writer.dice.percent(15) {
        // There and back again.
        let (layout, moment) = (writer.plain(Kind::Layout), moment(writer));
        return format!("{function} {layout} (date {layout} {moment})");
    }
    let layout = literal::string(&mut writer.dice, layout.as_bytes());
    if writer.dice.percent(5) {
        return format!("{function} {layout} {}", writer.operand(Kind::Text, 0));
    }
    format!("{function} {layout} {}", literal::string(&mut writer.dice, text.as_bytes()))
}

/// Seconds since 1970, mostly of this century and the last.
fn moment(writer: &mut Writer) -> String {
    let far = *writer.dice.pick(&[2_000_000_000, 2_000_000_000, 10_000_000_000, 300_000_000_000]);
    let first = *writer.dice.pick(&[0, 0, -far]);
    let seconds = writer.dice.between(first, far);
    if writer.dice.percent(50) { format!("(int64 {seconds})") } else { seconds.to_string() }
}

fn duration(writer: &mut Writer) -> String {
    let base = plain(writer, Kind::Time);
    let span = writer.plain(Kind::Span);
    match writer.dice.below(3) {
        0 => format!("({base}.Sub {})", plain(writer, Kind::Time)),
        _ => format!("((date_modify {span} {base}).Sub {base})"),
    }
}

fn bytes(writer: &mut Writer) -> String {
    let method = writer.dice.word(&["MarshalText", "MarshalJSON"]);
    let of = *writer.dice.pick(&[Kind::Time, Kind::Semver]);
    let receiver = plain(writer, of);
    format!("{receiver}.{method}")
}

fn list(writer: &mut Writer, least: usize) -> String {
    let of = *writer.dice.pick(CONCRETE);
    let mixed = writer.dice.percent(40);
    let mut out = String::from(*writer.dice.pick(&["(list", "(list", "(list", "(tuple"]));
    for _ in 0..least + writer.dice.count(70, 6) {
        let kind = if mixed { Kind::Any } else { of };
        out.push(' ');
        out.push_str(&element(writer, kind));
    }
    out.push(')');
    out
}

/// What a list or a dict holds: now and then another one, nested less and less.
fn element(writer: &mut Writer, kind: Kind) -> String {
    if writer.nesting >= 2 {
        let kind = *writer.dice.pick(&[Kind::Text, Kind::Int, Kind::Float, Kind::Bool, Kind::Nil]);
        return writer.plain(kind);
    }
    writer.nesting += 1;
    let element = writer.operand(kind, 0);
    writer.nesting -= 1;
    element
}

pub(super) fn dict(writer: &mut Writer, least: usize) -> String {
    let mut out = String::from("dict");
    for _ in 0..least + writer.dice.count(65, 5) {
        let key = if writer.dice.percent(4) {
            element(writer, Kind::Any)
        } else {
            writer.plain(Kind::Key)
        };
        out.push_str(&format!(" {key} {}", element(writer, Kind::Any)));
    }
    if writer.dice.percent(3) {
        out.push_str(&format!(" {}", writer.plain(Kind::Key)));
    }
    out
}

fn url_dict(writer: &mut Writer) -> String {
    let mut out = String::from("dict");
    let parts = [
        ("scheme", &["http", "", "s3"][..]),
        ("host", &["h", "h:80", "", "[::1]", "a b", "ü.de"]),
        ("path", &["/p", "p", "", "/a b/ü", "//x", "a:b"]),
        ("query", &["", "q=1", "a b"]),
        ("opaque", &["", "", "", "o@p"]),
        ("fragment", &["", "f", "a b#"]),
        ("userinfo", &["", "u", "u:p", "u%20x:p", "u:p w", "@"]),
        ("hostname", &["h"]),
    ];
    for (name, values) in parts {
        if writer.dice.percent(50) {
            out.push_str(&format!(" \"{name}\" \"{}\"", writer.dice.pick(values)));
        }
    }
    out
}

/// A pipeline of the kind with one of the special functions, if there is one for it.
pub(super) fn pipeline(writer: &mut Writer, kind: Kind, depth: usize) -> Option<String> {
    use Kind::*;
    match kind {
        Bool => Some(comparison(writer, depth)),
        Dict => Some(dict(writer, 1)),
        Time | Instant => Some(date(writer)),
        Text | Needle => Some(printf::call(writer, depth)),
        List | LongList => Some(unwrapped(&list(writer, 1))),
        Any => Some(match writer.dice.below(10) {
            0..3 => printf::call(writer, depth),
            3..5 => comparison(writer, depth),
            5 => dict(writer, 0),
            6 => dig(writer, depth),
            7 => date(writer),
            _ => indexed(writer, depth),
        }),
        _ => None,
    }
}

fn unwrapped(operand: &str) -> String {
    operand.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(operand).to_owned()
}

fn comparison(writer: &mut Writer, depth: usize) -> String {
    use Kind::*;
    let name = writer.dice.word(&["eq", "eq", "ne", "lt", "le", "gt", "ge"]);
    let kind = match name {
        "eq" | "ne" => *writer
            .dice
            .pick(&[Text, Text, Int, Int64, Float, Bool, Uint64, Complex, Month, Time, Digits]),
        _ => *writer.dice.pick(&[Text, Int, Int64, Float, Uint64, Month, Duration, Digits]),
    };
    let mut out = String::from(name);
    let more = if name == "eq" { writer.dice.count(20, 3) } else { 0 };
    for _ in 0..2 + more {
        // Integers of all types may be compared.
        let kind =
            if matches!(kind, Int | Int64 | Uint64 | Month | Duration) && writer.dice.percent(30) {
                *writer.dice.pick(&[Int, Int64, Uint64, Duration])
            } else {
                kind
            };
        let kind = if writer.dice.percent(1) { Any } else { kind };
        out.push(' ');
        out.push_str(&writer.operand(kind, depth));
    }
    out
}

fn dig(writer: &mut Writer, depth: usize) -> String {
    let mut out = String::from("dig");
    for _ in 0..1 + writer.dice.count(25, 2) {
        out.push_str(&format!(" {}", writer.plain(Kind::Key)));
    }
    let otherwise = writer.operand(Kind::Any, depth);
    format!("{out} {otherwise} {}", writer.operand(Kind::Dict, depth))
}

fn indexed(writer: &mut Writer, depth: usize) -> String {
    let key = writer.plain(Kind::Key);
    match writer.dice.below(8) {
        0 => format!("index {} {key}", writer.operand(Kind::Dict, depth)),
        1 => format!("index {} {key}", writer.operand(Kind::StrMap, depth)),
        2 => format!("index {} {}", list(writer, 3), number(writer, Kind::Index)),
        3 => format!("index {} {}", writer.plain(Kind::Text), number(writer, Kind::Index)),
        4 => format!("index (dict \"a\" {}) \"a\" 0", list(writer, 1)),
        5 => {
            let of = writer.operand(Kind::Dict, depth);
            let name = writer.dice.word(&["a", "b", "c", "list", "x", "ok", "n", "a.b"]);
            format!("{}.{name}", of.strip_prefix('.').unwrap_or(&of))
        }
        6 => format!("{}.{}", writer.plain(Kind::StrMap), writer.dice.pick(&["_0", "_1", "_2"])),
        _ => format!("(fromJson {}).a", literal_json(writer)),
    }
}

fn literal_json(writer: &mut Writer) -> String {
    let value = strings::string(&mut writer.dice, Kind::Json);
    literal::string(&mut writer.dice, &value)
}

/// A value of the kind, passed through something that leaves it as it is.
pub(super) fn wrapped(writer: &mut Writer, kind: Kind, depth: usize) -> Option<String> {
    let depth = depth.saturating_sub(1);
    let inner = writer.operand(kind, depth);
    Some(match writer.dice.below(9) {
        0 => format!("default {} {inner}", writer.operand(kind, 0)),
        1 => format!(
            "ternary {inner} {} {}",
            writer.operand(kind, 0),
            writer.operand(Kind::Bool, depth)
        ),
        2 => format!("coalesce \"\" nil {inner}"),
        3 => format!("index (list {inner}) 0"),
        4 => format!("{inner} | list | first"),
        5 => format!("get (dict \"k\" {inner}) \"k\""),
        6 => format!("(dict \"k\" {inner}).k"),
        7 => format!("and true {inner}"),
        _ => format!("or {inner} {}", writer.operand(kind, 0)),
    })
    .filter(|text| !text.starts_with("nil "))
}
