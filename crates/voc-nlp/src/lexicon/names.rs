//! Names of people, places and companies that are words as well: "Joy", "Vitória", "Best Buy", "Vivo".
//!
//! The lists say which words may be names or surround them; the reader decides whether they are, from capital letters
//! and the words around. Lists are separated by white space, phrases by `|`.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::words::{Key, key_of};

/// What a word says about names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct NameHints(u32);

impl NameHints {
    /// A given name that is also a word.
    pub(crate) const GIVEN: Self = Self(1);
    /// A name follows after "is" or a colon: "name", "nome".
    pub(crate) const NAMING: Self = Self(1 << 1);
    /// A name follows: "chamo".
    pub(crate) const CALLING: Self = Self(1 << 2);
    /// Comes before names, also with a full stop: "Mr", "Rua".
    pub(crate) const TITLE: Self = Self(1 << 3);
    /// Comes before names in greetings.
    pub(crate) const GREETING: Self = Self(1 << 4);
    /// Talking with somebody.
    pub(crate) const TALKING: Self = Self(1 << 5);
    /// Comes before what is said of something or done by somebody: a word in capital letters after it is emphasised.
    pub(crate) const EMPHATIC: Self = Self(1 << 6);
    /// In capital letters it is emphasised, too, because nobody and nothing is called so.
    pub(crate) const NEVER: Self = Self(1 << 7);
    /// What people do, after their names.
    pub(crate) const DOING: Self = Self(1 << 8);
    /// Comes before the name of a product.
    pub(crate) const PRODUCT: Self = Self(1 << 9);
    /// Comes before a place or company.
    pub(crate) const WHERE: Self = Self(1 << 10);
    /// Comes before a Portuguese company of feminine gender, whose name as a word would be masculine or none.
    pub(crate) const COMPANY: Self = Self(1 << 11);
    /// Is no name after "my name is".
    pub(crate) const NO_NAME: Self = Self(1 << 12);
    /// Within names: "da", "of".
    pub(crate) const PARTICLE: Self = Self(1 << 13);
    /// "is", "é".
    pub(crate) const BEING: Self = Self(1 << 14);

    pub(crate) fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }

    #[must_use]
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

const HINTS: &[(NameHints, &str)] = &[
    (
        NameHints::GIVEN,
        "joy grace hope faith mercy patience prudence charity felicity constance verity chastity clemency victor victoria sunny
        bliss gloria merry dolly ernest frank constant modesty honor honour haven destiny serenity harmony melody precious
        angel angela christian noble goodwin
        vitória vitor glória alegria felicidade socorro esperança linda bela clara graça piedade caridade consolação penha
        prudêncio prudência bento benedito amado amada generoso generosa salvador feliciano feliciana angélica perpétua
        constância prazeres aparecida fortunato inocêncio inocência severo severa justo justa pacífico divina divino modesto
        valente bonfim boaventura celeste estrela luz paz",
    ),
    (NameHints::NAMING, "name nome titular nomes sobrenome apelido surname beneficiário beneficiária passageiro passageira passenger"),
    (NameHints::CALLING, "chamo name's"),
    (
        NameHints::TITLE,
        "mr mrs ms miss mister dr dra sr sra srta prof sir madam doctor professor dona dom seu senhor senhora doutor doutora
        tia tio santa santo saint st rua avenida av travessa alameda praça estrada rodovia bairro vila jardim edifício condomínio
        hotel colégio escola hospital shopping agent agente",
    ),
    (NameHints::GREETING, "hi hello hey dear thanks oi olá mr mrs ms miss dr dona sr sra srta senhora dra tia"),
    (NameHints::TALKING, "spoke speak speaking spoken talk talked talking chat chatted chatting falo falei falar fala falando falou"),
    (
        NameHints::EMPHATIC,
        "i we you they he she it is isn't was wasn't are aren't were am be been being i'm it's that's so very really too not
        never don't didn't can't doesn't won't just absolutely extremely totally completely truly pretty quite still always
        how what such most more less to feel feels felt looks look seems got get gets made
        eu ele ela nós você vocês eles elas é foi era está estava são foram estão ser sou estou fiquei ficou não nunca que muito
        muita mais tão super bem menos bastante sempre totalmente realmente extremamente simplesmente",
    ),
    (
        NameHints::NEVER,
        "terrible horrible awful disgusting worst worse bad poor badly disappointed disappointing disappointment unacceptable thank
        thanks sorry please congratulations excellent amazing awesome wonderful love loved hate hated loves worthless useless
        garbage unhappy happy great good problem problems issue issues complaint refund angry frustrated frustrating recommend
        pathetic ridiculous rude fail failed failure help helpful wait waiting broken wrong sad sucks
        péssimo péssima ruim horrível obrigado obrigada parabéns desculpe desculpa lixo vergonha absurdo descaso
        excelente problema problemas reclamação erro cancelar cancelamento adorei amei gostei recomendo odeio odiei raiva mal
        pior melhor triste satisfeito satisfeita insatisfeito insatisfeita desrespeito palhaçada bom boa",
    ),
    (
        NameHints::DOING,
        "was told said helped from did didn't answered promised hung assisted replied explained handled took sorted foi disse
        me falou atendeu ajudou resolveu prometeu explicou respondeu desligou",
    ),
    (
        NameHints::PRODUCT,
        "plan plans package bundle model the a an my our your plano pacote combo modelo assinatura produto o os um uma meu
        minha do da no na cartão card",
    ),
    (
        NameHints::WHERE,
        "at from with by to in via using o a os as na no da do pela pelo com de ao à pra pro para em nas dos das",
    ),
    (
        NameHints::COMPANY,
        "a à da na pela pra operadora plano cliente clientes chip internet empresa linha fatura companhia loja app aplicativo
        fibra banda contra",
    ),
    (
        NameHints::NO_NAME,
        "not on the in wrong spelled misspelled incorrect a an still also correct listed missing being what no under um uma o os
        não errado errada",
    ),
    (NameHints::PARTICLE, "da de do dos das e of the van von"),
    (NameHints::BEING, "is was é eh era e i'm am sou"),
];

/// Names of companies and products with words that have a meaning of their own. They begin with a capital letter, or
/// follow a word such as "at", or begin the sentence.
const BRANDS: &str =
    "best buy|best western|best egg|great clips|great wolf|great wolf lodge|great western|great western railway
    |great lakes|great eastern|good housekeeping|good morning america|good hair day|good sam|perfect keto
    |comfort inn|comfort suites|quality inn|quality suites|true value|true religion|true north|ace hardware
    |cracker barrel|vanity fair|vivid seats|lucky charms|lucky brand|lucky mobile|lucky strike|happy meal
    |happy returns|happy socks|happy egg|dish network|krispy kreme|pleasant holidays|angry birds|liberty mutual
    |trust wallet|kind bars|kind bar|kind snacks|innocent smoothies|innocent drinks|honest company|honest tea
    |honest burgers|boost mobile|cricket wireless|mint mobile|pure gym|anytime fitness|crunch fitness
    |bath body works|bargain booze|cheap oair|sunny delight|fidelity investments|prudential financial
    |progressive insurance|glad wrap|joy con|savage x fenty|wicked weed|victoria secret|victoria's secret
    |boa vista|bom negócio|bom jesus|boa safra|porto seguro|belo horizonte|bela vista|bom retiro|claro tv
    |claro net|claro fibra|claro flex|vivo fibra|vivo fixo|vivo controle|vivo easy|vivo tv|oi fibra|oi tv
    |oi velox|tim beta|tim live|tim controle|tim black|estrela bet|ótimo card|vitória da conquista|vitória régia
    |alegria supermercados|sorte online|cultura inglesa|pague menos|extra hiper|ri happy|sunny d";

/// The same for single words without much of a meaning at the beginning of a sentence, in capital letters.
const SINGLES: &str = "united delta southwest chase discover sprint frontier virgin verizon comcast xfinity spectrum vodafone lovehoney joyful happn simplisafe goodrx goodwill hellofresh safeway safelite supervalu
    sadia perdigão nubank itaú bradesco santander latam magalu netshoes amil hapvida bompreço";

/// Portuguese companies whose names as words are frequent. In lower case they follow a word of [`NameHints::COMPANY`];
/// with a capital letter they stand within a sentence, too.
const CUED: &str = "claro vivo oi tim nubank gol azul";

/// The same for names that in lower case are the word.
const CUED_IN_CAPITALS: &str = "extra inter neon positivo ideal original next pan safra natura mais";

/// How a name of a company is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Brand {
    /// Several words: by a capital letter, by what is before it, or at the beginning of a sentence.
    Several,
    /// One word: by a capital letter.
    Single,
    /// By what is before it.
    Cued,
    /// By what is before it, and a capital letter.
    CuedInCapitals,
    /// A tenant's: always, or by a capital letter if it is a word with a valence.
    Own,
}

/// A map from words, by the hashes of their keys, which are well mixed already.
type ByWord<T> = HashMap<u64, T, BuildHasherDefault<Mixed>>;

#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// The names of companies, by their first words.
#[derive(Debug, Default)]
pub(crate) struct Brands(ByWord<Beginning>);

/// The names that begin with the same word.
#[derive(Debug, Default)]
struct Beginning {
    /// The keys of their other words, the longest name first.
    names: Vec<(Vec<Key>, Brand)>,
    /// A bit for each first letter of a second word; the highest for a name of one word.
    second_letters: u32,
}

/// The bit of a letter, without case.
fn letter_bit(first: u8) -> u32 {
    1 << (first & 0x1f)
}

impl Brands {
    /// Adds a name of one or more words. Returns the first one's key; `None` if one of them cannot be looked up.
    pub(super) fn add(&mut self, name: &str, brand: Brand) -> Option<Key> {
        let mut keys = name.split(|c: char| c.is_whitespace() || c == '-' || c == '&').filter(|word| !word.is_empty());
        let first = keys.next().and_then(key_of)?;
        let rest = keys.map(key_of).collect::<Option<Vec<Key>>>()?;
        let beginning = self.0.entry(first.hash()).or_default();
        beginning.second_letters |= rest.first().map_or(1 << 31, |second| letter_bit(second.first_letter()));
        beginning.names.push((rest, brand));
        beginning.names.sort_by_key(|(rest, _)| std::cmp::Reverse(rest.len()));
        Some(first)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a name begins with this word.
    pub(crate) fn has_beginning(&self, first: Key) -> bool {
        self.0.contains_key(&first.hash())
    }

    /// The names that begin with this word and may go on with a word with this first letter, if it is known: the keys
    /// of their other words, the longest first.
    pub(crate) fn beginning(&self, first: Key, second_letter: Option<u8>) -> &[(Vec<Key>, Brand)] {
        let beginning = self.0.get(&first.hash());
        let may_be = |beginning: &&Beginning| {
            second_letter.is_none_or(|letter| beginning.second_letters & (1 << 31 | letter_bit(letter)) != 0)
        };
        beginning.filter(may_be).map_or(&[], |beginning| &beginning.names)
    }
}

/// What is known about names.
#[derive(Debug, Default)]
pub(crate) struct Names {
    hints: ByWord<NameHints>,
    pub(crate) brands: Brands,
}

impl Names {
    /// The built-in lists, and the words that may begin or announce a name.
    pub(super) fn built_in() -> (Self, Vec<&'static str>) {
        let mut names = Self::default();
        let mut triggers = Vec::new();
        for (hint, list) in HINTS {
            for word in list.split_whitespace() {
                let known = key_of(word).map(|key| names.hints.entry(key.hash()).or_default());
                debug_assert!(known.is_some(), "{word:?} is no word");
                if let Some(known) = known {
                    *known = known.or(*hint);
                }
                if hint.has(NameHints::GIVEN.or(NameHints::NAMING).or(NameHints::CALLING)) {
                    triggers.push(word);
                }
            }
        }
        let several = BRANDS.split('|').map(|name| (name.trim(), Brand::Several));
        let words = |list: &'static str, brand| list.split_whitespace().map(move |word| (word, brand));
        let single = words(SINGLES, Brand::Single);
        let cued = words(CUED, Brand::Cued).chain(words(CUED_IN_CAPITALS, Brand::CuedInCapitals));
        for (name, brand) in several.chain(single).chain(cued) {
            let added = names.brands.add(name, brand);
            debug_assert!(added.is_some(), "{name:?} has something besides words");
            triggers.extend(name.split_whitespace().next());
        }
        (names, triggers)
    }

    pub(crate) fn hints(&self, word: Key) -> NameHints {
        self.hints.get(&word.hash()).copied().unwrap_or_default()
    }
}
