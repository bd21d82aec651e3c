//! Go's literals, in every form that its templates know.

use crate::dice::Dice;

/// A string literal of `value`, interpreted or raw.
pub(super) fn string(dice: &mut Dice, value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) if !text.contains(['`', '\r', '\0', '\u{feff}']) && dice.percent(20) => {
            format!("`{text}`")
        }
        _ => interpreted(dice, value),
    }
}

fn interpreted(dice: &mut Dice, value: &[u8]) -> String {
    let eager = if dice.percent(15) { 40 } else { 0 };
    let mut out = String::from("\"");
    for chunk in value.utf8_chunks() {
        for character in chunk.valid().chars() {
            out.push_str(&escaped(dice, character, eager));
        }
        for byte in chunk.invalid() {
            out.push_str(&byte_escape(dice, *byte));
        }
    }
    out.push('"');
    out
}

fn escaped(dice: &mut Dice, character: char, eager: u64) -> String {
    let code = u32::from(character);
    match character {
        '"' => "\\\"".into(),
        '\\' => "\\\\".into(),
        '\n' => "\\n".into(),
        '\t' if dice.percent(50) => "\\t".into(),
        '\r' => "\\r".into(),
        '\x07' => "\\a".into(),
        '\x0b' => "\\v".into(),
        '\0' | '\u{feff}' => format!("\\u{code:04x}"),
        _ if !dice.percent(eager) => character.to_string(),
        _ if code < 0x80 => byte_escape(dice, character as u8),
        _ if code < 0x10000 && dice.percent(60) => format!("\\u{code:04X}"),
        _ => format!("\\U{code:08x}"),
    }
}

fn byte_escape(dice: &mut Dice, byte: u8) -> String {
    match dice.below(3) {
        0 => format!("\\{byte:03o}"),
        1 => format!("\\x{byte:02X}"),
        _ => format!("\\x{byte:02x}"),
    }
}

/// An integer literal of `value`.
pub(super) fn integer(dice: &mut Dice, value: i64) -> String {
    let sign = match value {
        ..0 => "-",
        _ if dice.percent(4) => "+",
        _ => "",
    };
    let size = value.unsigned_abs();
    let digits = match dice.below(24) {
        0 => format!("{size:#x}"),
        1 => format!("0X{size:X}"),
        2 => format!("{size:#o}"),
        3 => format!("0{size:o}"),
        4 => format!("{size:#b}"),
        5 => underscored(size),
        6 if size < 0x11_0000 && sign.is_empty() => return character(dice, size),
        7 => format!("{size}.0"),
        8 if size.is_multiple_of(10) && size > 0 => format!("{}e1", size / 10),
        9 => format!("0x{size:x}p0"),
        10 => format!("0x_{size:x}"),
        11 if dice.percent(10) => format!("{size}i"),
        _ => size.to_string(),
    };
    format!("{sign}{digits}")
}

fn underscored(size: u64) -> String {
    let digits = size.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push('_');
        }
        out.push(digit);
    }
    out
}

/// A character literal of the code point `code`; that of a surrogate cannot be written.
pub(super) fn character(dice: &mut Dice, code: u64) -> String {
    let Some(character) = u32::try_from(code).ok().and_then(char::from_u32) else {
        return code.to_string();
    };
    match character {
        '\'' => "'\\''".into(),
        '\n' => "'\\n'".into(),
        '\\' => "'\\\\'".into(),
        '\0'..' ' | '\u{7f}'..'\u{a0}' | '\u{feff}' => format!("'\\u{code:04x}'"),
        _ if code < 0x80 && dice.percent(10) => format!("'\\x{code:02x}'"),
        _ if code < 0x80 && dice.percent(10) => format!("'\\{code:03o}'"),
        _ if dice.percent(20) => format!("'\\U{code:08X}'"),
        _ => format!("'{character}'"),
    }
}

/// A literal that Go takes for a float64.
pub(super) fn float(dice: &mut Dice) -> String {
    const FIXED: &[&str] = &[
        "0.0",
        "-0.0",
        "1.5",
        "-2.25",
        "3.0",
        "1e6",
        "1e-7",
        "123456789.0",
        "1e20",
        "1e21",
        "1e100",
        "0.1",
        "0.30000000000000004",
        "1.7976931348623157e308",
        "5e-324",
        "0x1p-2",
        "-0x1.8p3",
        "0X1.Fp+10",
        ".5",
        "6.",
        "1_000.5",
        "2.5",
        "3.5",
        "-0.5",
        "99999.95",
        "999999.5",
        "1.005",
        "1E3",
        "1e+2",
        "0x.8p1",
        "100000.0",
        "1234567.0",
        "12345678.9",
        "0.0001",
        "0.00001",
        "9007199254740993.0",
        "-1e-10",
        "2147483648.5",
        "1.1",
        "2.2",
        "1e15",
        "1e16",
        "1e17",
    ];
    match dice.below(12) {
        10 => any_float(dice),
        0..6 => dice.word(FIXED).into(),
        6..10 => {
            let (whole, places) = (dice.between(-2000, 2000), 1 + dice.below(6));
            let part = dice.below(10_usize.pow(u32::try_from(places).expect("places are few")));
            format!("{whole}.{part:0places$}")
        }
        _ => {
            let (whole, part) = (dice.between(-9, 9), dice.below(1000));
            format!("{whole}.{part}e{}", dice.between(-30, 30))
        }
    }
}

/// Any number that a float64 can be, with all its digits.
fn any_float(dice: &mut Dice) -> String {
    let number = f64::from_bits(dice.roll());
    if number.is_finite() { format!("{number:e}") } else { "1e308".into() }
}

/// A complex literal.
pub(super) fn complex(dice: &mut Dice) -> String {
    const FIXED: &[&str] =
        &["1i", "0i", "1+2i", "1.5-2.5i", "-1i", "-0.5e1+1e1i", "1e6i", "0x1p2+3i", "3+0i", "0+0i"];
    dice.word(FIXED).into()
}
