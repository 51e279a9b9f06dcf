//! The fast stage of voc-nlp alone, compared with a port of VADER to Rust.

use std::hint::black_box;

use voc_nlp::{Engine, FastStage};

use crate::measure::Figure;

/// A transcript of a support call, in ASCII.
const ENGLISH: &str = "Agent: Thank you for calling, how can I help you today? Customer: Hi, I was charged twice on my last bill and I \
    would like a refund, please. I called last week and nobody called me back, so I am not very happy with the service. Agent: I am \
    sorry to hear that. Let me look into your account. Can you confirm your phone number and email address? Customer: Sure, it is the \
    number I am calling from. The app keeps crashing when I try to log in, so I could not even see the invoice. Agent: I understand \
    how frustrating that must be. I can see two payments from March the third. One of them is a duplicate, and I have just started \
    the refund for you. It should be back on your card within five working days. Customer: OK, that is good, but what about the app? \
    I need it to upgrade my plan before Friday. Agent: There was an outage this morning, which has been resolved. Could you please \
    update the app and try again? ";
/// The same in Portuguese, with accents.
const PORTUGUESE: &str = "Atendente: Olá, em que posso ajudar? Cliente: Bom dia, fui cobrada duas vezes na última fatura e gostaria do \
    estorno. Já liguei na semana passada e ninguém me retornou, então não estou nada satisfeita com o atendimento. Atendente: Sinto \
    muito pela situação. Vou verificar a sua conta. A senhora pode confirmar o telefone e o endereço de e-mail? Cliente: É o número de \
    onde estou ligando. O aplicativo trava quando tento acessar, então não consegui nem ver a cobrança. Atendente: Compreendo a sua \
    frustração. Há dois pagamentos no dia três de março, um deles em duplicidade, e já solicitei a devolução. O crédito estará no cartão \
    em até cinco dias úteis. Cliente: Está ótimo, mas e o aplicativo? Preciso dele para trocar de plano até sexta-feira. Atendente: Houve \
    uma instabilidade nesta manhã, que já foi resolvida. Você poderia atualizar o aplicativo e tentar de novo? ";
/// Bytes of a measured text.
const BYTES: usize = 2048;

pub(crate) fn measure(rounds: usize) -> anyhow::Result<Vec<Figure>> {
    let engine = Engine::built_in();
    let (english, portuguese) = (text(ENGLISH), text(PORTUGUESE));
    let times = 2_000;
    let size = |text: &str| (times, times * text.len());
    let mut all = Vec::new();
    for (name, text) in [("annotate 2 KB of English", &english), ("annotate 2 KB of Portuguese", &portuguese)] {
        let work = |()| {
            for _ in 0..times {
                black_box(engine.annotate(black_box(text)));
            }
            Ok(())
        };
        all.push(Figure::best_of(name, 5 * rounds, size(text), || Ok(()), work)?);
    }
    let vader = vader_sentimental::SentimentIntensityAnalyzer::new();
    let times = 20;
    let work = |()| {
        for _ in 0..times {
            black_box(vader.polarity_scores(black_box(&english)));
        }
        Ok(())
    };
    let size = (times, times * english.len());
    all.push(Figure::best_of("the same, by vader-sentimental", rounds, size, || Ok(()), work)?);
    Ok(all)
}

/// The text repeatedly, as often as it fits.
fn text(part: &str) -> String {
    let mut text = part.repeat(BYTES.div_ceil(part.len()));
    let end = (0..=BYTES).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.truncate(end);
    text
}
