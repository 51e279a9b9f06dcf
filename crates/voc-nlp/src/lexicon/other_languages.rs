//! Frequent words of languages that are neither English nor Portuguese, so that these are not mistaken for one of
//! them.

/// Spanish, French, German and Italian words which, without their accents, are not English or Portuguese words.
pub(super) const MARKERS: &str = "
    el los las y muy pero es del una unos estoy gracias hola usted ustedes yo tengo tiene quiero puedo qué cómo
    también ahora hay mi su sus ayuda señor servicio bueno buena bien malo mucho muchas muchos cuando siempre
    le les des est et je vous pas dans pour avec une du sur suis merci bonjour mon votre nous ne sont très c'est j'ai
    der und ich nicht ist ein eine mit auf für sie wir den dem von zu habe danke bitte mein meine sehr auch aber
    il che della di grazie ho mio mia molto gli ciao buongiorno questo
";
