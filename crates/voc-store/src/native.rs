//! ClickHouse's `Native` format: a block is its columns in sequence. The columns are already kept in this layout, so
//! encoding is copying.

use crate::{
    Block, BlockValues, ColumnData,
    column::{push_varint, take_bytes},
};

/// A block in `Native` format.
#[must_use]
pub fn encode_native(block: &Block) -> Vec<u8> {
    let columns = block.columns();
    let rows = block.rows();
    // An upper bound for the name, type and length in a column's head.
    const HEAD_BYTES: usize = 64;
    let bytes: usize = columns.iter().map(|column| HEAD_BYTES + value_bytes(&column.values, rows)).sum();
    let mut out = Vec::with_capacity(bytes);

    push_varint(&mut out, columns.len());
    push_varint(&mut out, rows);
    for column in &columns {
        push_text(&mut out, column.name.as_bytes());
        push_text(&mut out, column.values.type_name().as_bytes());
        match column.values {
            BlockValues::Each(data) => push_column(&mut out, data),
            BlockValues::SameTimestamp(time) => repeat(&mut out, &time.as_millis().to_le_bytes(), rows),
            BlockValues::SameI32(number) => repeat(&mut out, &number.to_le_bytes(), rows),
            BlockValues::SameI64(number) => repeat(&mut out, &number.to_le_bytes(), rows),
            BlockValues::SameStr(text) => {
                let mut wire = Vec::new();
                push_text(&mut wire, text.as_bytes());
                repeat(&mut out, &wire, rows);
            }
        }
    }
    out
}

/// The values of a single text column in `RowBinary` format.
pub(crate) fn decode_texts(mut wire: &[u8]) -> Option<Vec<String>> {
    let mut texts = Vec::new();
    while !wire.is_empty() {
        texts.push(String::from_utf8_lossy(take_bytes(&mut wire)?).into_owned());
    }
    Some(texts)
}

fn value_bytes(values: &BlockValues<'_>, rows: usize) -> usize {
    match values {
        BlockValues::Each(data) => data.bytes(),
        BlockValues::SameTimestamp(_) => 8 * rows,
        BlockValues::SameI32(_) => 4 * rows,
        BlockValues::SameI64(_) => 8 * rows,
        // The length takes two bytes up to 16 KiB, longer than any topic.
        BlockValues::SameStr(text) => (2 + text.len()) * rows,
    }
}

fn push_column(out: &mut Vec<u8>, data: &ColumnData) {
    match data {
        // A UUID is two little-endian halves, the high one first.
        ColumnData::Uuid(values) => extend(out, values, |uuid| {
            let (high, low) = uuid.as_u64_pair();
            (u128::from(low) << 64 | u128::from(high)).to_le_bytes()
        }),
        ColumnData::Str(texts) => out.extend_from_slice(texts.wire()),
        ColumnData::OptStr(nulls, texts) => {
            out.extend_from_slice(nulls);
            out.extend_from_slice(texts.wire());
        }
        ColumnData::Timestamp(values) | ColumnData::I64(values) => extend(out, values, |value| value.to_le_bytes()),
        ColumnData::I32(values) => extend(out, values, |value| value.to_le_bytes()),
        ColumnData::Seconds(values) | ColumnData::U32(values) => extend(out, values, |value| value.to_le_bytes()),
        ColumnData::OptTimestamp(nulls, values) | ColumnData::OptI64(nulls, values) => {
            out.extend_from_slice(nulls);
            extend(out, values, |value| value.to_le_bytes());
        }
        ColumnData::OptF32(nulls, values) => {
            out.extend_from_slice(nulls);
            extend(out, values, |value| value.to_le_bytes());
        }
        ColumnData::OptF64(nulls, values) => {
            out.extend_from_slice(nulls);
            extend(out, values, |value| value.to_le_bytes());
        }
        ColumnData::Bool(values) => out.extend_from_slice(values),
        ColumnData::OptBool(nulls, values) => {
            out.extend_from_slice(nulls);
            out.extend_from_slice(values);
        }
        ColumnData::F32(values) => extend(out, values, |value| value.to_le_bytes()),
        ColumnData::F64(values) => extend(out, values, |value| value.to_le_bytes()),
        ColumnData::List(ends, values) => {
            extend(out, ends, |end| end.to_le_bytes());
            push_column(out, values);
        }
        ColumnData::Map(ends, entries) => {
            extend(out, ends, |end| end.to_le_bytes());
            push_column(out, &entries.0);
            push_column(out, &entries.1);
        }
    }
}

fn extend<T, const N: usize>(out: &mut Vec<u8>, values: &[T], to_bytes: impl Fn(&T) -> [u8; N]) {
    for value in values {
        out.extend_from_slice(&to_bytes(value));
    }
}

fn repeat(out: &mut Vec<u8>, bytes: &[u8], times: usize) {
    for _ in 0..times {
        out.extend_from_slice(bytes);
    }
}

fn push_text(out: &mut Vec<u8>, text: &[u8]) {
    push_varint(out, text.len());
    out.extend_from_slice(text);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::StrColumn;

    #[test]
    fn a_block_is_its_columns_after_their_names_and_types() {
        let mut names = StrColumn::default();
        names.push("ab");
        names.push("");
        let columns = vec![
            ("id", ColumnData::Uuid(vec![Uuid::from_u128(0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0f), Uuid::nil()])),
            ("n", ColumnData::OptI64(vec![0, 1], vec![-2, 0])),
            ("l", ColumnData::List(vec![2, 2], Box::new(ColumnData::Str(names.clone())))),
            ("f", ColumnData::List(vec![0, 1], Box::new(ColumnData::OptF32(vec![1], vec![0.0])))),
            ("m", ColumnData::Map(vec![1, 2], Box::new((ColumnData::Str(names), ColumnData::F64(vec![1.5, -2.0]))))),
        ];
        let expected = [
            b"\x05\x02".as_slice(),
            b"\x02id\x04UUID",
            &[7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8],
            &[0; 16],
            b"\x01n\x0fNullable(Int64)\x00\x01",
            &(-2_i64).to_le_bytes(),
            &[0; 8],
            b"\x01l\x0dArray(String)",
            &[2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0],
            b"\x02ab\x00",
            b"\x01f\x18Array(Nullable(Float32))",
            &[0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
            &[1, 0, 0, 0, 0],
            b"\x01m\x14Map(String, Float64)",
            &[1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0],
            b"\x02ab\x00",
            &1.5_f64.to_le_bytes(),
            &(-2.0_f64).to_le_bytes(),
        ]
        .concat();
        assert_eq!(encode_native(&Block::of_columns("t", String::new(), columns).unwrap()), expected);
    }

    proptest! {
        #[test]
        fn texts_survive_a_round_trip_through_their_wire_form(texts in prop::collection::vec(".{0,300}", 0..20)) {
            let mut column = StrColumn::default();
            texts.iter().for_each(|text| column.push(text));
            prop_assert_eq!(column.iter().collect::<Vec<_>>(), texts.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(column.len(), texts.len());
            prop_assert_eq!(decode_texts(column.wire()), Some(texts));
        }

        #[test]
        fn any_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Some(texts) = decode_texts(&bytes) {
                prop_assert!(texts.len() <= bytes.len());
            }
        }
    }
}
