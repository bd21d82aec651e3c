//! Sprig's random functions.

use Type::{Int, Text};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::value::{Type, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("randAlphaNum", &[Int], Text, rand_alpha_num).unsteady(),
    Function::new("randAlpha", &[Int], Text, rand_alpha).unsteady(),
    Function::new("randAscii", &[Int], Text, rand_ascii).unsteady(),
    Function::new("randNumeric", &[Int], Text, rand_numeric).unsteady(),
    Function::new("randBytes", &[Int], Text, rand_bytes).unsteady(),
    Function::new("randInt", &[Int, Int], Int, rand_int).unsteady(),
    Function::new("shuffle", &[Text], Text, shuffle).unsteady(),
    Function::new("uuidv4", &[], Text, uuidv4).unsteady(),
];

const DIGITS: &[u8] = b"0123456789";
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ALPHANUMERIC: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn rand_alpha_num(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    random_text(context, args.int(0), ALPHANUMERIC)
}

fn rand_alpha(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    random_text(context, args.int(0), LETTERS)
}

fn rand_ascii(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let printable: Vec<u8> = (b' '..=b'~').collect();
    random_text(context, args.int(0), &printable)
}

fn rand_numeric(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    random_text(context, args.int(0), DIGITS)
}

/// `count` characters of `alphabet`; none for a negative count, whose error Sprig drops.
fn random_text(context: &mut Context<'_>, count: i64, alphabet: &[u8]) -> Result<Value, Fault> {
    let Ok(count) = usize::try_from(count) else {
        return Ok(Value::literal(""));
    };
    context.room(count)?;
    context.spend(count as u64)?;
    let mut draws = Draws::new(context);
    let mut text = Vec::with_capacity(count);
    for _ in 0..count {
        text.push(alphabet[draws.below(alphabet.len() as u64)? as usize]);
    }
    Ok(text.into())
}

fn rand_bytes(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let count = usize::try_from(args.int(0)).map_err(|_| "negative count of bytes")?;
    context.room(count.saturating_mul(3))?;
    let mut bytes = vec![0; count];
    context.random(&mut bytes)?;
    Ok(STANDARD.encode(bytes).into_bytes().into())
}

/// From `min` on, below `max`. The difference wraps around, as Go's does.
fn rand_int(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let (min, max) = (args.int(0), args.int(1));
    let span = max.wrapping_sub(min);
    if span <= 0 {
        return Err("the upper bound is not above the lower".into());
    }
    let drawn = Draws::new(context).below(span.unsigned_abs())?;
    Ok(Value::Int(min.wrapping_add(drawn.cast_signed())))
}

fn shuffle(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let text = args.text(0);
    context.room(text.len().saturating_mul(7))?;
    context.spend(text.len() as u64)?;
    let mut runes = runes(text);
    let mut draws = Draws::new(context);
    for last in (1..runes.len()).rev() {
        runes.swap(last, draws.below(last as u64 + 1)? as usize);
    }
    Ok(runes.into_iter().collect::<String>().into_bytes().into())
}

/// Go's `[]rune`: each byte that is not UTF-8 becomes one U+FFFD.
fn runes(text: &[u8]) -> Vec<char> {
    let mut runes = Vec::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        runes.extend(chunk.valid().chars());
        runes.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    runes
}

/// RFC 9562, 5.4: all bits random but version and variant.
fn uuidv4(context: &mut Context<'_>, _: &mut Args<'_>) -> Result<Value, Fault> {
    let mut bytes = [0; 16];
    context.random(&mut bytes)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    Ok(parts.join("-").into_bytes().into())
}

/// Even draws from the caller's randomness, which is asked for some at a time.
struct Draws<'a, 'world> {
    context: &'a mut Context<'world>,
    pool: [u8; 256],
    used: usize,
}

impl<'a, 'world> Draws<'a, 'world> {
    fn new(context: &'a mut Context<'world>) -> Self {
        Self { context, pool: [0; 256], used: 256 }
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        if self.used == self.pool.len() {
            self.context.random(&mut self.pool)?;
            self.used = 0;
        }
        self.used += 1;
        Ok(self.pool[self.used - 1])
    }

    /// A number below `bound`, which is not 0. What would favour small numbers is drawn again.
    fn below(&mut self, bound: u64) -> Result<u64, Fault> {
        let width = (u64::BITS - (bound - 1).leading_zeros()).div_ceil(8);
        let range = 1_u128 << (width * 8);
        let even = range - range % u128::from(bound);
        // Half of all draws are even at least; 128 that are not mean a broken generator.
        for _ in 0..128 {
            let mut drawn = 0_u128;
            for _ in 0..width {
                drawn = drawn << 8 | u128::from(self.byte()?);
            }
            if drawn < even {
                return Ok((drawn % u128::from(bound)) as u64);
            }
        }
        Err("the randomness is not random".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_become_one_rune_each() {
        assert_eq!(runes(b"a\xe2\x82b\xff"), ['a', '\u{fffd}', '\u{fffd}', 'b', '\u{fffd}']);
    }
}
