//! Words before a number that say what it is: "CVV", "nasci em", "protocolo nº".

use std::sync::LazyLock;

use super::lexicon::Lexicon;
use super::word::Word;

/// What the words before a number announce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cue {
    Account,
    Agency,
    Birth,
    Card,
    Cep,
    Cnh,
    Company,
    Cvv,
    /// A device, or the line of a bank slip.
    Device,
    Email,
    /// The code of an article, which anyone may know.
    Goods,
    Network,
    /// An order, a ticket, a protocol.
    Order,
    Passport,
    Person,
    Phone,
    Pix,
    Rg,
    /// A version of software, a section of a text.
    Version,
}

impl Cue {
    /// How much may stand between the cue and what it announces, as [`Cues`] counts it.
    const fn reach(self) -> u8 {
        match self {
            Self::Agency => 0,
            Self::Account | Self::Cvv | Self::Order => 1,
            Self::Goods | Self::Network | Self::Version => 2,
            Self::Birth | Self::Company | Self::Person | Self::Rg => 3,
            _ => MAX_COST,
        }
    }
}

/// How much may stand between any cue and what it announces.
const MAX_COST: u8 = 4;
/// Number of characters between words.
const MAX_GAP: usize = 40;
/// Number of words that are read.
const MAX_WORDS: usize = 14;

/// The cues before a position, the nearest first, as far as they reach it. Words that usually stand between a cue and
/// its number ("is", "do titular", "number") count nothing, other words one, and sentences that end in between two.
#[derive(Clone, Debug)]
pub(super) struct Cues<'a> {
    text: &'a str,
    from: usize,
    at: usize,
    cost: u8,
    most: u8,
    words: usize,
    /// Whether the last word was "number" or "code".
    is_numbered: bool,
}

impl<'a> Cues<'a> {
    /// The cues in `text` between `from` and `at`, character boundaries.
    pub(super) fn new(text: &'a str, from: usize, at: usize) -> Self {
        Self { text, from, at, cost: 0, most: MAX_COST, words: 0, is_numbered: false }
    }

    /// Only those that are nearer.
    pub(super) fn within(self, most: u8) -> Self {
        Self { most: most.min(MAX_COST), ..self }
    }

    /// Whether there is this cue.
    pub(super) fn has(self, cue: Cue) -> bool {
        self.into_iter().any(|found| found == cue)
    }

    /// The word before the last one read, and what the gap between them costs.
    fn word_before(&mut self) -> Option<Word> {
        let before = self.text.get(self.from..self.at)?;
        let mut is_full_stop = false;
        let mut gap = 0;
        // Bytes of other characters than ASCII belong to words, as letters do, or they are rare marks.
        for byte in before.bytes().rev().take(MAX_GAP + 1) {
            if byte.is_ascii_alphanumeric() || !byte.is_ascii() {
                break;
            }
            match byte {
                b'.' => is_full_stop = true,
                b'!' => self.cost += 2,
                b',' | b';' | b'\n' => self.cost += 1,
                _ => {}
            }
            gap += 1;
        }
        if self.cost > self.most || gap > MAX_GAP {
            return None;
        }
        let rest = before.get(..before.len() - gap)?;
        let end = self.from + rest.trim_end_matches(|c: char| !c.is_alphanumeric()).len();
        let word = Word::before(self.text, self.from, end)?;
        // "No. 12", "ag. 0417".
        if is_full_stop && word.as_str().len() > 4 {
            self.cost += 2;
        }
        self.at = word.start;
        Some(word)
    }

    /// Earlier words, without regard to their cost.
    fn earlier(&self) -> impl Iterator<Item = Word> {
        let mut back = self.clone();
        std::iter::from_fn(move || {
            (back.cost, back.most) = (0, MAX_COST);
            back.word_before()
        })
    }

    fn is_after(&self, words: &[&str]) -> bool {
        self.earlier().next().is_some_and(|word| words.contains(&word.as_str()))
    }

    /// Whether this is the last word of such a phrase, whose other words are given from right to left.
    fn ends(&self, phrase: &[&[&str]]) -> bool {
        let mut earlier = self.earlier();
        phrase.iter().all(|words| earlier.next().is_some_and(|word| words.contains(&word.as_str())))
    }

    fn is_near(&self, words: &[&str]) -> bool {
        self.earlier().take(6).any(|word| words.contains(&word.as_str()))
    }

    /// "D.O.B." and "c/c" as one word.
    fn acronym(&mut self, last: Word) -> Option<([u8; 4], usize)> {
        let letter = |word: &Word| match word.as_str().as_bytes() {
            [letter] if letter.is_ascii_alphabetic() => Some(*letter),
            _ => None,
        };
        let mut letters = [0; 4];
        let mut len = 0;
        let mut word = Some(last);
        while let Some(letter) = word.as_ref().and_then(letter) {
            letters.rotate_right(1);
            *letters.first_mut()? = letter;
            len += 1;
            self.at = word.map_or(self.at, |word| word.start);
            let before = self.text.get(self.from..self.at).filter(|before| before.ends_with(['.', '/']));
            let Some(before) = before.filter(|_| len < letters.len()) else { break };
            word = Word::before(self.text, self.from, self.from + before.len() - 1);
        }
        (len > 1).then_some((letters, len))
    }

    fn of(&mut self, word: &Word, role: Option<Role>) -> Option<Cue> {
        if word.as_str().len() == 1
            && let Some((letters, len)) = self.acronym(*word)
        {
            return match letters.get(..len)? {
                b"dob" | b"dn" => Some(Cue::Birth),
                b"cc" | b"ac" => Some(Cue::Account),
                b"rg" => Some(Cue::Rg),
                b"cpf" => Some(Cue::Person),
                b"cnpj" => Some(Cue::Company),
                b"cnh" => Some(Cue::Cnh),
                b"cep" => Some(Cue::Cep),
                b"cvv" | b"cvc" => Some(Cue::Cvv),
                b"nf" | b"os" => Some(Cue::Order),
                b"ip" => Some(Cue::Network),
                _ => None,
            };
        }
        let is_numbered = std::mem::take(&mut self.is_numbered);
        let Some(Role::Depends) = role else {
            return match role? {
                Role::Cue(cue) => Some(cue),
                _ => None,
            };
        };
        match word.as_str() {
            "seguranca" if self.is_after(&["codigo"]) || self.ends(&[&["de"], &["codigo", "cod", "numero"]]) => {
                Some(Cue::Cvv)
            }
            "code" | "codes" | "number" | "digits" if self.is_after(&["security"]) && !self.is_near(&["social"]) => {
                Some(Cue::Cvv)
            }
            "number" | "numero" if self.is_after(&["my", "your", "his", "her", "meu", "seu"]) => {
                self.is_numbered = true;
                Some(Cue::Phone)
            }
            "back" | "verso" | "atras" | "tras" if self.is_near(CARD_DIGITS) => Some(Cue::Cvv),
            "geral" if self.is_after(&["registro"]) => Some(Cue::Rg),
            "motorista" if self.is_near(&["carteira"]) => Some(Cue::Cnh),
            "license" | "licence" if self.is_after(&["driver", "drivers", "driving"]) => Some(Cue::Cnh),
            "postal" if self.is_near(&["codigo", "cod", "endereco", "enderecamento"]) => Some(Cue::Cep),
            "corrente" if self.is_after(&["conta"]) => Some(Cue::Account),
            "account" if is_numbered || self.is_after(&["bank", "savings", "checking", "current", "deposit"]) => {
                Some(Cue::Account)
            }
            "sort" if is_numbered => Some(Cue::Account),
            "aleatoria" if self.is_near(&["chave"]) => Some(Cue::Pix),
            "key" if self.is_after(&["random"]) => Some(Cue::Pix),
            "security" if self.is_after(&["social"]) => Some(Cue::Person),
            "fiscal" if self.is_after(&["nota"]) => Some(Cue::Order),
            _ => None,
        }
    }
}

/// What a word is before a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Cue(Cue),
    /// A cue or a link, which depends on the words before it.
    Depends,
    /// Words that usually stand between a cue and its number.
    Link,
    /// Links that mean "number".
    Numbered,
    /// Words whose dates and numbers are those of something else.
    End,
}

static ROLES: LazyLock<Lexicon<Role>> = LazyLock::new(|| {
    Lexicon::new(&[
        (Role::Cue(Cue::Cvv), "cvv cvv2 cvc cvc2 cvn csc"),
        (Role::Cue(Cue::Rg), "rg identidade"),
        (Role::Cue(Cue::Cnh), "cnh habilitacao"),
        (Role::Cue(Cue::Cep), "cep zip zipcode postcode"),
        (Role::Cue(Cue::Passport), "passport passports passaporte"),
        (Role::Cue(Cue::Agency), "agencia ag agency branch"),
        (Role::Cue(Cue::Account), "conta cc poupanca acct iban routing bsb"),
        (Role::Cue(Cue::Pix), "pix evp"),
        (Role::Cue(Cue::Birth), BIRTH),
        (Role::Cue(Cue::Phone), PHONE),
        (Role::Cue(Cue::Card), CARD),
        (Role::Cue(Cue::Person), "cpf ssn"),
        (Role::Cue(Cue::Company), "cnpj"),
        (Role::Cue(Cue::Order), ORDER),
        (Role::Cue(Cue::Version), VERSION),
        (Role::Cue(Cue::Goods), "isbn ean gtin sku upc barcode ncm"),
        (Role::Cue(Cue::Device), "imei meid iccid serial serie boleto barras digitavel"),
        (Role::Cue(Cue::Email), "mail email emails mails correio"),
        (Role::Cue(Cue::Network), "ip ips server servidor host dns gateway"),
        (Role::Depends, DEPENDS),
        (Role::Link, LINKS),
        (Role::Numbered, "no num nr n"),
        (Role::End, "casamento wedding empresa company warranty garantia vence vencimento"),
    ])
});

const BIRTH: &str = "\
    nasci nasceu nascido nascida nascimento nasc born birth birthdate birthday bday dob dn aniversario";
const PHONE: &str = "\
    telefone telefones tel fone celular cel whatsapp whats zap wpp telemovel fixo fax ligar ligue liga ligarem \
    ligando retornar contato contacto recado recados discar disque sms call calling phone phones mobile cell \
    cellphone telephone landline reach text dial ring callback contact reached ddd";
const CARD: &str = "\
    card cards cartao cartoes visa mastercard amex elo hipercard maestro credito credit debito debit";
const ORDER: &str = "\
    order orders pedido pedidos protocolo protocolos protocol ticket tickets chamado ordem ref reference referencia \
    invoice nf nfe nota fatura tracking rastreio rastreamento encomenda booking reservation reserva localizador case \
    caso sinistro claim incident incidente confirmation solicitacao rma contrato contract processo apolice policy \
    remessa shipment parcel";
const VERSION: &str = "\
    version versao firmware release section secao clause clausula build software update atualizacao android ios \
    chapter capitulo item artigo article patch driver paragraph sdk";
/// Of these, [`LINKS_TOO`] are links where they are no cues.
const DEPENDS: &str = "\
    seguranca code codes number numero digits back verso atras tras geral motorista license licence postal corrente \
    account sort aleatoria key security fiscal";
const LINKS_TOO: &[&str] = &["code", "number", "numero", "back"];
const LINKS: &str = "\
    is are was its it be would will e eh era sao ser seria fica esta ta the a an o os as my your his her our meu \
    minha seu sua nosso nossa dele dela of on for to in at de do da dos das em na nos nas pro pra para por please \
    favor sir madam ok okay yes yeah sim sure claro certo so and um uh hum numbers codigo id here heres aqui segue \
    new novo nova old current atual registered cadastrado cadastrada full completo titular customer client cliente \
    caller agent agente atendente operator user that thats this esse este isso sob mm dd yyyy yy aaaa with com me us \
    know";

impl Iterator for Cues<'_> {
    type Item = Cue;

    fn next(&mut self) -> Option<Cue> {
        while self.words < MAX_WORDS && self.cost <= self.most {
            self.words += 1;
            let word = self.word_before()?;
            let cost = self.cost;
            let role = ROLES.get(&word);
            if let Some(cue) = self.of(&word, role) {
                // A cue is also a word between an earlier one and the number, except in "agência e conta".
                self.cost += u8::from(cue != Cue::Account);
                if cost <= cue.reach() {
                    return Some(cue);
                }
                continue;
            }
            let text = word.as_str();
            match role {
                Some(Role::End) => return None,
                Some(Role::Numbered) => self.is_numbered = true,
                Some(Role::Link) => {}
                Some(Role::Depends) if LINKS_TOO.contains(&text) => self.is_numbered = text != "back",
                _ if text.len() > 1 && word.is_number() => return None,
                _ if word.is_number() => self.cost += 2,
                _ if text.len() == 1 => {}
                _ => self.cost += 1,
            }
        }
        None
    }
}

/// What is on the back of a card.
const CARD_DIGITS: &[&str] =
    &["digits", "digit", "digitos", "numbers", "number", "numeros", "numerozinhos", "algarismos", "code", "codigo"];
