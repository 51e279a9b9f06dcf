//! Brazilian Portuguese: hand-made for customer service. Valences follow the scale of VADER (-4 to 4).

mod cues;
mod language;
mod phrases;
mod valences;

use super::Words;

pub(super) static WORDS: Words = Words {
    markers: language::MARKERS,
    telling: language::TELLING,
    valences: valences::VALENCES,
    when_negated: &[
        (
            -1.6,
            "funciona funcionam funcionou funcionando funcionar funcione abre abrem abriu carrega carregam carregou conecta conectar
            conecto liga responde
            respondem respondeu responderam resolve resolvem resolveu resolveram resolver resolvido resolvida soluciona solucionou
            solucionaram
            atende atendem atendeu atenderam atender ajuda ajudam ajudou ajudaram consigo consegui consegue conseguem conseguiu
            conseguiram conseguimos
            recebi recebo recebemos recebeu chegou chega chegaram entregaram entregue devolveram devolvem devolveu estornaram
            dura duram durou apareceu apareceram veio vieram entende entendem cabe encaixa adianta adiantou aceito aceitam concordo serve
            respeitam respeita respeitaram cumpre cumprem cumpriu cumpriram abaixa entra pega volta ",
        ),
        (-2.2, "gostei gosto gostamos recomendo indico presta prestam aguento aguentamos volto compro vale compensa satisfeito satisfeita
            feliz bom boa"),
        (0.6, "ruim mal problema problemas demora demorou demorado caro cara difícil reclamar espera"),
        (0.0, "certo certa ok sim dúvida dúvidas obrigado obrigada paciência"),
    ],
    negators: "não nao nunca jamais nem nenhum nenhuma ninguém nada sem tampouco ñ falta faltou menos",
    boosters: &[
        (
            0.29,
            "muito muita muitos muitas mto mt mui super demais bastante extremamente totalmente completamente absolutamente realmente
            tão tao hiper mega ultra bem mais verdadeiramente profundamente altamente incrivelmente simplesmente sempre maior tamanho
            tanta tanto puta",
        ),
        (-0.29, "pouco pouca poucos poucas levemente quase meio meia relativamente parcialmente ligeiramente"),
    ],
    contrasts: "mas porém contudo todavia entretanto",
    sets: cues::SETS,
    cues: cues::CUES,
    phrases: phrases::PHRASES,
    negator_phrases: "em vez de|ao invés de|deixou de|deixaram de|longe de|longe de ser|de jeito nenhum|de forma alguma|nem um pouco
            |nenhum dos|nenhuma das|em momento algum",
    far_negators: "não acho que|não acho|não achei|não creio que|não diria que|não diria|não considero|não senti|não posso dizer
            |não posso dizer que|não é algo que|não é o tipo de|nunca achei|não penso que|está longe de|passa longe de",
    booster_phrases: &[(-0.29, "um pouco|mais ou menos|um tanto"), (0.29, "pra caramba|para caramba|com certeza|pra caralho|pra cacete|puta atendimento|puta serviço|puta produto|puta trabalho|puta app|puta empresa
            |puta suporte|puta experiência|puta ajuda|puta site|puta equipe|puta loja|puta aplicativo|puta sistema|puta plano|puta internet"), (0.6,
            "não poderia ser mais|não podia ser mais|não poderia estar mais|não podia estar mais|não poderia ter sido mais|não tem como ser mais
            |não podia ter sido mais")],
    sham_negations: "não só|não apenas|não somente|nem sempre foi|não é à toa|sem dúvida|sem dúvidas|nada como|sem dúvida nenhuma|sem dúvida alguma|sem sombra de dúvida|não é por acaso|não é por nada|não por acaso|não só isso|não bastasse|nada menos que|não é que|não deixa de
            |não hesite",
};
