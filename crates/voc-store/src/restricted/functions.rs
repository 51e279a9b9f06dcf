//! Functions that a caller may use: of values alone, the same for every caller, and without effects.
//!
//! Not in the list is what names a function, a table, a dictionary or a file in a text (`arrayReduce`, `joinGet`,
//! `dictGet`, `file`), what tells about the server (`hostName`, `getSetting`, `version`), waits (`sleep`), fails on
//! purpose (`throwIf`), or is random.

use sqlparser::{ast::Ident, tokenizer::Span};

use super::SqlMistake;

/// Functions of rows that have the combinators of [`COMBINATORS`], too.
const AGGREGATES: &[&str] = &[
    "any",
    "anyLast",
    "argMax",
    "argMin",
    "avg",
    "avgWeighted",
    "corr",
    "count",
    "covarPop",
    "covarSamp",
    "first_value",
    "groupArray",
    "groupUniqArray",
    "kurtPop",
    "kurtSamp",
    "last_value",
    "max",
    "median",
    "min",
    "quantile",
    "quantileExact",
    "quantileExactInclusive",
    "quantiles",
    "simpleLinearRegression",
    "skewPop",
    "skewSamp",
    "stddevPop",
    "stddevSamp",
    "sum",
    "sumMap",
    "sumWithOverflow",
    "topK",
    "topKWeighted",
    "uniq",
    "uniqCombined",
    "uniqExact",
    "uniqHLL12",
    "varPop",
    "varSamp",
];

/// What may follow the name of an aggregate function.
const COMBINATORS: [&str; 5] = ["If", "Array", "Distinct", "OrNull", "OrDefault"];

/// Functions of rows in a window, without combinators.
const WINDOW: &[&str] = &[
    "cume_dist",
    "dense_rank",
    "lag",
    "lagInFrame",
    "lead",
    "leadInFrame",
    "nth_value",
    "ntile",
    "percent_rank",
    "rank",
    "row_number",
    "windowFunnel",
    "retention",
    "sequenceCount",
    "sequenceMatch",
];

/// Functions of values.
const PLAIN: &[&str] = &[
    // Conditions and absent values.
    "and",
    "assumeNotNull",
    "coalesce",
    "if",
    "ifNull",
    "isFinite",
    "isInfinite",
    "isNaN",
    "isNotNull",
    "isNull",
    "multiIf",
    "not",
    "nullIf",
    "or",
    "toNullable",
    "xor",
    "ifNotFinite",
    "isZeroOrNull",
    "greatest",
    "least",
    // Arithmetic.
    "abs",
    "ceil",
    "ceiling",
    "divide",
    "exp",
    "exp10",
    "exp2",
    "floor",
    "gcd",
    "intDiv",
    "intDivOrZero",
    "lcm",
    "log",
    "log10",
    "log2",
    "minus",
    "modulo",
    "moduloOrZero",
    "multiply",
    "negate",
    "plus",
    "pow",
    "power",
    "round",
    "roundBankers",
    "roundDown",
    "sign",
    "sqrt",
    "cbrt",
    "trunc",
    "truncate",
    "positiveModulo",
    "pi",
    "cos",
    "sin",
    "tan",
    "acos",
    "asin",
    "atan",
    "widthBucket",
    // Comparison.
    "equals",
    "notEquals",
    "less",
    "lessOrEquals",
    "greater",
    "greaterOrEquals",
    "like",
    "notLike",
    "ilike",
    "notILike",
    "match",
    "multiMatchAny",
    // Conversion.
    "toBool",
    "toDate",
    "toDate32",
    "toDateOrNull",
    "toDateTime",
    "toDateTime64",
    "toDateTime64OrNull",
    "toDateTimeOrNull",
    "toDecimal32",
    "toDecimal64",
    "toFloat32",
    "toFloat64",
    "toFloat64OrNull",
    "toFloat64OrZero",
    "toInt16",
    "toInt32",
    "toInt64",
    "toInt64OrNull",
    "toInt64OrZero",
    "toInt8",
    "toString",
    "toUInt16",
    "toUInt32",
    "toUInt64",
    "toUInt64OrNull",
    "toUInt64OrZero",
    "toUInt8",
    "toUUID",
    "toUUIDOrNull",
    "toFloat32OrNull",
    "toInt32OrNull",
    "accurateCastOrNull",
    "toTypeName",
    "parseDateTimeBestEffort",
    "parseDateTimeBestEffortOrNull",
    "parseDateTime64BestEffort",
    "parseDateTime64BestEffortOrNull",
    "fromUnixTimestamp",
    "fromUnixTimestamp64Milli",
    "toUnixTimestamp",
    "toUnixTimestamp64Milli",
    // Times.
    "addDays",
    "addHours",
    "addMinutes",
    "addMonths",
    "addQuarters",
    "addSeconds",
    "addWeeks",
    "addYears",
    "age",
    "dateDiff",
    "date_diff",
    "dateTrunc",
    "date_trunc",
    "formatDateTime",
    "now",
    "now64",
    "subtractDays",
    "subtractHours",
    "subtractMinutes",
    "subtractMonths",
    "subtractSeconds",
    "subtractWeeks",
    "subtractYears",
    "timeSlot",
    "toDayOfMonth",
    "toDayOfWeek",
    "toDayOfYear",
    "toHour",
    "toISOWeek",
    "toISOYear",
    "toIntervalDay",
    "toIntervalHour",
    "toIntervalMinute",
    "toIntervalMonth",
    "toIntervalSecond",
    "toIntervalWeek",
    "toLastDayOfMonth",
    "toMinute",
    "toMonday",
    "toMonth",
    "toQuarter",
    "toSecond",
    "toStartOfDay",
    "toStartOfFifteenMinutes",
    "toStartOfFiveMinutes",
    "toStartOfHour",
    "toStartOfInterval",
    "toStartOfISOYear",
    "toStartOfMinute",
    "toStartOfMonth",
    "toStartOfQuarter",
    "toStartOfSecond",
    "toStartOfTenMinutes",
    "toStartOfWeek",
    "toStartOfYear",
    "toTime",
    "toTimeZone",
    "toWeek",
    "toYYYYMM",
    "toYYYYMMDD",
    "toYear",
    "today",
    "yesterday",
    "monthName",
    "dateName",
    // Texts.
    "base64Decode",
    "base64Encode",
    "char_length",
    "concat",
    "concatWithSeparator",
    "countSubstrings",
    "countSubstringsCaseInsensitive",
    "decodeURLComponent",
    "domain",
    "domainWithoutWWW",
    "empty",
    "endsWith",
    "extract",
    "extractAll",
    "extractURLParameter",
    "initcap",
    "left",
    "leftPad",
    "length",
    "lengthUTF8",
    "lower",
    "lowerUTF8",
    "multiSearchAny",
    "multiSearchAnyCaseInsensitive",
    "notEmpty",
    "path",
    "position",
    "positionCaseInsensitive",
    "positionCaseInsensitiveUTF8",
    "positionUTF8",
    "queryString",
    "replaceAll",
    "replaceOne",
    "replaceRegexpAll",
    "replaceRegexpOne",
    "replace",
    "reverse",
    "reverseUTF8",
    "right",
    "rightPad",
    "splitByChar",
    "splitByRegexp",
    "splitByString",
    "splitByWhitespace",
    "startsWith",
    "substring",
    "substringUTF8",
    "tokens",
    "topLevelDomain",
    "trim",
    "trimBoth",
    "trimLeft",
    "trimRight",
    "upper",
    "upperUTF8",
    "hasToken",
    "hasTokenCaseInsensitive",
    "arrayStringConcat",
    // JSON.
    "JSONExtractArrayRaw",
    "JSONExtractBool",
    "JSONExtractFloat",
    "JSONExtractInt",
    "JSONExtractKeys",
    "JSONExtractKeysAndValuesRaw",
    "JSONExtractRaw",
    "JSONExtractString",
    "JSONExtractUInt",
    "JSONHas",
    "JSONLength",
    "JSONType",
    "JSONExtract",
    "JSON_VALUE",
    "isValidJSON",
    "toJSONString",
    "simpleJSONExtractString",
    // Lists, maps and tuples.
    "array",
    "arrayAll",
    "arrayAvg",
    "arrayConcat",
    "arrayCount",
    "arrayCumSum",
    "arrayDifference",
    "arrayDistinct",
    "arrayElement",
    "arrayEnumerate",
    "arrayExists",
    "arrayFilter",
    "arrayFirst",
    "arrayFirstIndex",
    "arrayFlatten",
    "arrayIntersect",
    "arrayJoin",
    "arrayLast",
    "arrayMap",
    "arrayMax",
    "arrayMin",
    "arrayPopBack",
    "arrayPopFront",
    "arrayPushBack",
    "arrayReverse",
    "arraySlice",
    "arraySort",
    "arrayReverseSort",
    "arraySum",
    "arrayUniq",
    "arrayZip",
    "countEqual",
    "has",
    "hasAll",
    "hasAny",
    "indexOf",
    "map",
    "mapContains",
    "mapFromArrays",
    "mapKeys",
    "mapValues",
    "range",
    "tuple",
    "tupleElement",
    "transform",
];

/// The longest name; the work for a name grows with the number of its combinators.
const MAX_NAME_BYTES: usize = 64;

/// The name as the engine writes it. Names are found whatever their case, as many are in the engine.
pub(super) fn known(name: &Ident) -> Result<String, SqlMistake> {
    let all = || AGGREGATES.iter().chain(WINDOW).chain(PLAIN);
    let text = name.value.as_str();
    if text.len() > MAX_NAME_BYTES {
        let message = format!("a function with a name of {} bytes is not one that can be used", text.len());
        return Err(SqlMistake::at(name.span, message));
    }
    // The engine distinguishes some names by case only.
    if let Some(known) =
        all().find(|known| **known == text).or_else(|| all().find(|known| known.eq_ignore_ascii_case(text)))
    {
        return Ok((*known).to_owned());
    }
    combined(text).ok_or_else(|| unknown(name.span, text))
}

/// An aggregate function with combinators, such as `uniqExactIfOrNull`.
fn combined(text: &str) -> Option<String> {
    let base =
        |text: &str| AGGREGATES.iter().find(|known| known.eq_ignore_ascii_case(text)).map(|known| (*known).to_owned());
    let shorter = COMBINATORS.iter().find_map(|combinator| Some((text.strip_suffix(combinator)?, combinator)));
    let (rest, combinator) = shorter?;
    let rest = base(rest).or_else(|| combined(rest))?;
    Some(format!("{rest}{combinator}"))
}

fn unknown(span: Span, text: &str) -> SqlMistake {
    let lower = text.to_ascii_lowercase();
    let all = AGGREGATES.iter().chain(WINDOW).chain(PLAIN);
    let alike: Vec<&str> = all.copied().filter(|known| is_alike(&known.to_ascii_lowercase(), &lower)).take(5).collect();
    let advice =
        if alike.is_empty() { String::new() } else { format!("; similar ones that are: {}", alike.join(", ")) };
    SqlMistake::at(span, format!("the function '{text}' is not one that can be used{advice}"))
}

/// Whether one begins like the other.
fn is_alike(known: &str, given: &str) -> bool {
    let common = known.bytes().zip(given.bytes()).take_while(|(known, given)| known == given).count();
    common >= 4 && common * 2 >= given.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_and_with_combinators() {
        let found = |name: &str| known(&Ident::new(name));
        for (given, expected) in [
            ("COUNT", "count"),
            ("countIf", "countIf"),
            ("JSONEXTRACTSTRING", "JSONExtractString"),
            ("uniqExactIfOrNull", "uniqExactIfOrNull"),
            ("SUMIf", "sumIf"),
            ("sumMap", "sumMap"),
        ] {
            assert_eq!(found(given).as_deref(), Ok(expected));
        }
        for refused in ["sleep", "countState", "lengthIf", "file", "arrayReduce", "toIntervalDayIf", ""] {
            assert!(found(refused).is_err(), "{refused}");
        }
        assert!(found("toStartOfFortnight").unwrap_err().message().contains("toStartOfDay"));
    }
}
