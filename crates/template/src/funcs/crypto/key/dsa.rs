//! DSA keys (FIPS 186-3), which Go and OpenSSL write as six numbers.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, NonZero, Odd, Resize};
use crypto_primes::{Flavor, is_prime};

use super::super::der::{self, Reader};
use super::super::pem;
use crate::context::Context;
use crate::error::Fault;

const P_BYTES: usize = 256;
const Q_BYTES: usize = 32;
const FAILED: Fault = Fault::new("no DSA private key was found");

/// Makes a key of 2048 and 256 bits.
pub(in super::super) fn generate_pem(context: &mut Context<'_>) -> Result<Vec<u8>, Fault> {
    context.spend_costly(8)?;
    let (p, q) = primes(context)?;
    let params = BoxedMontyParams::new(Odd::new(p.clone()).into_option().ok_or(FAILED)?);
    let power = |base: &BoxedUint, exponent: &BoxedUint| {
        BoxedMontyForm::new(base.clone(), &params).pow(exponent).retrieve()
    };
    let divisor = NonZero::new(q.clone()).into_option().ok_or(FAILED)?;
    let (cofactor, _) = p.wrapping_sub(BoxedUint::one()).div_rem(&divisor);
    // The least base whose power is not 1 generates the subgroup of order q.
    let bases = (2_u64..).map(|base| BoxedUint::from(base).resize_unchecked(p.bits_precision()));
    let mut powers = bases.map(|base| power(&base, &cofactor));
    let g = powers.find(|g| !bool::from(g.is_one())).ok_or(FAILED)?;
    let x = secret(context, &q)?;
    let y = power(&g, &x);
    let numbers = [&p, &q, &g, &y, &x].map(|number| der::unsigned(&number.to_be_bytes()));
    let key = der::sequence(&[der::unsigned(&[]), numbers.concat()]);
    Ok(pem::encode("DSA PRIVATE KEY", &key))
}

/// Primes p of 2048 bits and q of 256 bits, where q divides p - 1.
fn primes(context: &mut Context<'_>) -> Result<(BoxedUint, BoxedUint), Fault> {
    let q = random_odd::<Q_BYTES>(context)?;
    let q = first_prime(context, q, &BoxedUint::from(2_u64))?;
    // Twice q, so that no candidate is even.
    let step = q.clone().resize_unchecked(q.bits_precision() + 64).shl(1);
    let step = NonZero::new(step).into_option().ok_or(FAILED)?;
    let start = random_odd::<P_BYTES>(context)?;
    let over = start.rem(&step).resize_unchecked(start.bits_precision());
    let start = start.wrapping_sub(&over).wrapping_add(BoxedUint::one());
    let p = first_prime(context, start, &step)?;
    Ok((p, q))
}

/// A random odd number of so many bytes. Its first two bits are set, so that neither what is
/// subtracted nor the way to the next prime changes its length.
fn random_odd<const BYTES: usize>(context: &mut Context<'_>) -> Result<BoxedUint, Fault> {
    let mut bytes = [0; BYTES];
    context.random(&mut bytes)?;
    bytes[0] |= 0xc0;
    bytes[BYTES - 1] |= 1;
    Ok(BoxedUint::from_be_slice_vartime(&bytes))
}

/// The first prime of an arithmetic progression; one is found in some hundreds of numbers.
fn first_prime(
    context: &mut Context<'_>,
    mut number: BoxedUint,
    step: &BoxedUint,
) -> Result<BoxedUint, Fault> {
    let bits = number.bit_width();
    while has_small_factor(&number.to_be_bytes()) || !is_prime(Flavor::Any, &number) {
        context.spend(100)?;
        number = number.wrapping_add(step);
        if number.bit_width() != bits {
            return Err(FAILED);
        }
    }
    Ok(number)
}

/// Whether a big-endian number has a factor that is cheaper to divide by than to test for.
fn has_small_factor(bytes: &[u8]) -> bool {
    (3..2000_u32).step_by(2).any(|factor| {
        let remainder = |over: u64, word: &[u8]| {
            let word = word.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
            (over << 32 | word) % u64::from(factor)
        };
        bytes.chunks_exact(4).fold(0, remainder) == 0
    })
}

/// A random number above 0 and below q.
fn secret(context: &mut Context<'_>, q: &BoxedUint) -> Result<BoxedUint, Fault> {
    loop {
        context.spend(1000)?;
        let mut bytes = [0; Q_BYTES];
        context.random(&mut bytes)?;
        let x = BoxedUint::from_be_slice_vartime(&bytes);
        if !bool::from(x.is_zero()) && x < *q {
            return Ok(x);
        }
    }
}

/// Whether these are the numbers of a key, which Go looks at no further.
pub(super) fn is_key(bytes: &[u8]) -> bool {
    let numbers = || {
        let mut key = Reader(bytes).read(der::SEQUENCE)?;
        key.small()?;
        (0..5).try_for_each(|_| key.integer().map(|_| ()))
    };
    numbers().is_some()
}
