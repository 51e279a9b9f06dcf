//! The effects of punctuation.

/// Ends a clause.
pub(super) const CLAUSE: u8 = 1;
/// Ends a clause if it does not join two words.
pub(super) const DASH: u8 = 2;
/// Ends a sentence.
pub(super) const SENTENCE: u8 = 4;
pub(super) const EXCLAMATION_MARK: u8 = 8;
pub(super) const QUESTION_MARK: u8 = 32;
/// May begin an emoticon, and ends a clause.
pub(super) const EYES: u8 = 16;

/// The effect of a byte between words.
pub(super) static MARKS: [u8; 256] = {
    let mut marks = [0; 256];
    let lists: [(u8, &[u8]); 6] = [
        (CLAUSE, b",()[]|"),
        (DASH, b"-"),
        (SENTENCE, b".\n\r"),
        (SENTENCE | QUESTION_MARK, b"?"),
        (SENTENCE | EXCLAMATION_MARK, b"!"),
        (EYES, b":;=<"),
    ];
    let mut list = 0;
    while list < lists.len() {
        let (mark, bytes) = lists[list];
        let mut at = 0;
        while at < bytes.len() {
            marks[bytes[at] as usize] = mark;
            at += 1;
        }
        list += 1;
    }
    marks
};
