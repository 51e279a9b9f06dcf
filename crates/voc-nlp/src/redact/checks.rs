//! Check digits.

/// Whether digits are valid by Luhn's algorithm (ISO/IEC 7812-1), as those of payment cards are.
pub(super) fn luhn(digits: &[u8]) -> bool {
    let mut sum = 0;
    for (i, &digit) in digits.iter().rev().enumerate() {
        let doubled = u32::from(digit) << (i % 2);
        sum += doubled / 10 + doubled % 10;
    }
    sum % 10 == 0 && !all_equal(digits)
}

/// Whether digits are the number of a payment card: of a length and beginning that issuers use (ISO/IEC 7812-1), and
/// valid. The numbers of devices and articles have the same check digit.
pub(super) fn card(digits: &[u8]) -> bool {
    let is_issued = matches!(
        (digits.len(), digits),
        (13, [4, ..])
            | (14, [3, 0 | 6 | 8 | 9, ..])
            | (15, [3, 4 | 7, ..] | [2, 1, 3, 1, ..])
            | (16, [2, 2..=7, ..] | [3..=6, ..])
            | (17..=19, [3..=6, ..])
    );
    is_issued && luhn(digits)
}

/// Whether eleven digits are a CPF (Receita Federal: two check digits, modulo 11).
pub(super) fn cpf(digits: &[u8]) -> bool {
    let Some((body, [first, second])) = digits.split_last_chunk() else { return false };
    let weights = |from: u32| (2..=from).rev();
    body.len() == 9
        && !all_equal(digits)
        && modulo_11(body, weights(10)) == *first
        && modulo_11(digits.get(..10).unwrap_or_default(), weights(11)) == *second
}

/// Whether fourteen characters are a CNPJ (Receita Federal, IN RFB 2.229/2024: letters count as their ASCII code minus
/// 48).
pub(super) fn cnpj(places: &[u8]) -> bool {
    let Some((body, [first, second])) = places.split_last_chunk() else { return false };
    // 5 4 3 2 9 8 7 6 5 4 3 2, and the same starting at 6.
    let weights = |from: u32| (2..=from).rev().chain((2..=9).rev());
    body.len() == 12
        && !all_equal(places)
        && modulo_11(body, weights(5)) == *first
        && modulo_11(places.get(..13).unwrap_or_default(), weights(6)) == *second
}

/// Whether letters and digits are an IBAN (ISO 13616: with the first four characters moved to the end, the whole is 1
/// modulo 97).
pub(super) fn iban(places: impl Iterator<Item = u8> + Clone) -> bool {
    let value = |place: u8| match place {
        b'0'..=b'9' => Some((u32::from(place - b'0'), 10)),
        b'A'..=b'Z' => Some((u32::from(place - b'A') + 10, 100)),
        b'a'..=b'z' => Some((u32::from(place - b'a') + 10, 100)),
        _ => None,
    };
    let moved = places.clone().skip(4).chain(places.take(4));
    let mut remainder = 0;
    for place in moved {
        let Some((value, factor)) = value(place) else { return false };
        remainder = (remainder * factor + value) % 97;
    }
    remainder == 1
}

fn modulo_11(places: &[u8], weights: impl Iterator<Item = u32>) -> u8 {
    let sum: u32 = places.iter().zip(weights).map(|(&place, weight)| u32::from(place) * weight).sum();
    match sum % 11 {
        0 | 1 => 0,
        // Below 11.
        remainder => (11 - remainder) as u8,
    }
}

/// `000…` passes every check but belongs to no one.
fn all_equal(digits: &[u8]) -> bool {
    digits.windows(2).all(|pair| pair.first() == pair.last())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Vec<u8> {
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte - b'0').collect()
    }

    #[test]
    fn published_examples() {
        for card in ["4111 1111 1111 1111", "5555 5555 5555 4444", "3782 822463 10005", "6011111111111117"] {
            assert!(luhn(&digits(card)), "{card}");
        }
        for number in ["111.444.777-35", "529.982.247-25"] {
            assert!(cpf(&digits(number)), "{number}");
        }
        for number in ["11.222.333/0001-81", "12.ABC.345/01DE-35"] {
            assert!(cnpj(&digits(number)), "{number}");
        }
        for number in ["GB82WEST12345698765432", "DE89370400440532013000", "BR1800360305000010009795493C1"] {
            assert!(iban(number.bytes()), "{number}");
        }
    }

    #[test]
    fn any_other_digit_is_wrong() {
        type Check = fn(&[u8]) -> bool;
        let checks: [(&str, Check); 3] = [("4111111111111111", luhn), ("11144477735", cpf), ("11222333000181", cnpj)];
        for (number, check) in checks {
            let right = digits(number);
            for at in 0..right.len() {
                for digit in 0..10 {
                    let mut other = right.clone();
                    other[at] = digit;
                    assert_eq!(check(&other), other == right, "{other:?}");
                }
            }
        }
    }

    #[test]
    fn equal_digits_are_no_number() {
        assert!(!cpf(&[1; 11]));
        assert!(!cnpj(&[0; 14]));
        assert!(!luhn(&[0; 16]));
        assert!(!cpf(&[]) && !cnpj(&[]) && !cpf(&[0; 3]));
    }
}
