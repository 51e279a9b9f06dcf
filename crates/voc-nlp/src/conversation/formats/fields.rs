//! The meaning of the names of fields: keys of objects, heads of columns.

use super::times::Unit;
use crate::words::{FoldedChar, fold};

/// What a field has. Of several fields of a kind, that with the lowest rank counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// What is said.
    Text(u8),
    /// The speaker's role.
    Role,
    /// Possibly the speaker's role.
    Kind,
    /// The speaker's name or label.
    Speaker(u8),
    /// The speaker's number, or the number of the speaker's channel.
    SpeakerId,
    Channel,
    Start(u8, Unit),
    End(Unit),
    Duration(Unit),
}

/// The longest name of a field.
const LONGEST: usize = 32;

/// The meaning of a name in any case, with or without accents and separators.
pub(super) fn field(name: &str) -> Option<Field> {
    let mut letters = [0; LONGEST];
    let name = folded(name, &mut letters)?;
    of_said(name).or_else(|| of_speaker(name)).or_else(|| of_time(name))
}

/// Whether a name is one of these, which are written in small letters.
pub(super) fn is_any(name: &str, keys: &[&str]) -> bool {
    folded(name, &mut [0; LONGEST]).is_some_and(|name| keys.iter().any(|key| name == key.as_bytes()))
}

/// The letters and digits of a name, in small letters without accents.
fn folded<'a>(name: &str, letters: &'a mut [u8; LONGEST]) -> Option<&'a [u8]> {
    let mut len = 0;
    for c in name.chars() {
        match fold(c) {
            FoldedChar::Ascii(letter) => {
                *letters.get_mut(len)? = letter;
                len += 1;
            }
            FoldedChar::Foreign => return None,
            FoldedChar::Nothing | FoldedChar::Symbol => {}
        }
    }
    letters.get(..len).filter(|name| !name.is_empty())
}

fn of_said(name: &[u8]) -> Option<Field> {
    let rank = match name {
        b"text" | b"content" | b"body" | b"utterance" | b"transcript" | b"transcription" | b"texto" | b"conteudo"
        | b"mensagem" | b"fala" | b"transcricao" | b"corpo" | b"plaintext" | b"plainbody" | b"bodytext"
        | b"textbody" | b"textcontent" | b"messagetext" | b"messagebody" | b"messagecontent" | b"sentence"
        | b"punctuatedword" | b"mensaje" | b"contenido" => 0,
        b"message" | b"msg" | b"value" | b"display" | b"displaytext" | b"said" | b"comment" | b"line" | b"frase"
        | b"caption" | b"comentario" | b"parts" | b"sentences" | b"elements" | b"messageparts" | b"messagedata"
        | b"alternatives" | b"nbest" | b"word" | b"segmenttext" | b"phrase" => 1,
        b"html" | b"htmlbody" | b"bodyhtml" | b"lexical" | b"payload" | b"data" => 2,
        _ => return None,
    };
    Some(Field::Text(rank))
}

fn of_speaker(name: &[u8]) -> Option<Field> {
    Some(match name {
        b"role"
        | b"participantrole"
        | b"speakerrole"
        | b"authorrole"
        | b"senderrole"
        | b"authortype"
        | b"sendertype"
        | b"usertype"
        | b"participanttype"
        | b"speakertype"
        | b"actortype"
        | b"fromtype"
        | b"participantpurpose"
        | b"purpose"
        | b"papel"
        | b"perfil"
        | b"sentby"
        | b"affiliation"
        | b"rol"
        | b"channelrole" => Field::Role,
        b"type" | b"kind" | b"tipo" | b"source" | b"direction" | b"direcao" | b"origin" | b"origem" | b"side" => {
            Field::Kind
        }
        b"speaker" | b"speakername" | b"sendername" | b"authorname" | b"participantname" | b"fromname"
        | b"speakerlabel" | b"author" | b"sender" | b"autor" | b"remetente" | b"falante" | b"locutor"
        | b"interlocutor" | b"participant" | b"participante" | b"emissor" | b"quem" | b"who" | b"hablante" => {
            Field::Speaker(0)
        }
        b"from" | b"de" | b"name" | b"nome" | b"nombre" | b"displayname" | b"username" | b"nick" | b"nickname"
        | b"user" | b"usuario" | b"person" | b"pessoa" | b"by" | b"createdby" | b"actor" | b"member" | b"identity"
        | b"handle" | b"party" => Field::Speaker(1),
        b"speakerid" | b"participantid" | b"authorid" | b"senderid" | b"userid" | b"speakertag" | b"fromid"
        | b"partyid" | b"originator" | b"parties" | b"spk" => Field::SpeakerId,
        b"channel" | b"channeltag" | b"channelid" | b"channellabel" | b"mediachannel" | b"canal" | b"channelnumber" => {
            Field::Channel
        }
        _ => return None,
    })
}

fn of_time(name: &[u8]) -> Option<Field> {
    let units: [(&[u8], Unit); 14] = [
        (b"milliseconds", Unit::Millis),
        (b"millis", Unit::Millis),
        (b"msec", Unit::Millis),
        (b"ms", Unit::Millis),
        (b"nanoseconds", Unit::Nanos),
        (b"nanos", Unit::Nanos),
        (b"microseconds", Unit::Micros),
        (b"micros", Unit::Micros),
        (b"usec", Unit::Micros),
        (b"inticks", Unit::Ticks),
        (b"ticks", Unit::Ticks),
        (b"seconds", Unit::Seconds),
        (b"secs", Unit::Seconds),
        (b"sec", Unit::Seconds),
    ];
    // All of them end so.
    let has_unit = matches!(name.last(), Some(b's' | b'c'));
    let found = units.iter().filter(|_| has_unit).find_map(|(suffix, unit)| Some((name.strip_suffix(*suffix)?, *unit)));
    let (stem, unit) = found.filter(|(stem, _)| !stem.is_empty()).unwrap_or((name, Unit::Unknown));
    Some(match stem {
        b"start" | b"starttime" | b"startoffset" | b"begin" | b"begintime" | b"beginoffset" | b"offset" | b"inicio"
        | b"starttimestamp" | b"startts" | b"startedat" | b"audiostart" | b"timeoffset" => Field::Start(0, unit),
        b"timestamp" | b"ts" | b"time" | b"date" | b"datetime" | b"createdat" | b"created" | b"createdtime"
        | b"datecreated" | b"sentat" | b"hora" | b"horario" | b"data" | b"tempo" | b"absolutetime"
        | b"dateunixtime" | b"starttimeutc" => Field::Start(1, unit),
        b"end" | b"endtime" | b"endoffset" | b"endts" | b"endtimestamp" | b"stop" | b"stoptime" | b"fim"
        | b"endedat" | b"audioend" => Field::End(unit),
        b"duration" | b"dur" | b"duracao" => Field::Duration(unit),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_spelling() {
        for (name, meaning) in [
            ("ParticipantRole", Some(Field::Role)),
            ("speaker_label", Some(Field::Speaker(0))),
            ("BeginOffsetMillis", Some(Field::Start(0, Unit::Millis))),
            ("offsetInTicks", Some(Field::Start(0, Unit::Ticks))),
            ("end_time", Some(Field::End(Unit::Unknown))),
            ("Conteúdo", Some(Field::Text(0))),
            ("MESSAGE-TEXT", Some(Field::Text(0))),
            ("loudness", None),
            ("", None),
            ("日本", None),
        ] {
            assert_eq!(field(name), meaning, "{name}");
        }
        assert!(is_any("Conversation_Parts", &["conversationparts"]));
    }
}
