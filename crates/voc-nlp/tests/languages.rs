//! Texts of customers and their languages: English, Portuguese, or none of them.

use voc_nlp::{CallStage, Engine, FastStage, Language, Sentiment};

/// The threshold of confidence below which a model is asked by default.
const THRESHOLD: f32 = 0.6;

fn check(expected: Language, texts: &[&str]) {
    let engine = Engine::built_in();
    let found = |text: &&str| engine.annotate(text).language;
    let wrong: Vec<_> = texts.iter().filter(|text| found(text) != expected).map(|text| (found(text), *text)).collect();
    assert!(wrong.is_empty(), "not {expected}: {wrong:#?}");
}

/// They are of an unknown language, so that a model is asked, and have no score to speak of.
fn check_foreign(texts: &[&str]) {
    check(Language::Unknown, texts);
    for text in texts {
        let annotation = Engine::built_in().annotate(text);
        let score = annotation.sentiment.unwrap_or_default();
        assert!(annotation.confidence < THRESHOLD && score.abs() < 0.15, "{text}: {annotation:?}");
        assert_eq!(annotation.label(), Sentiment::Neutral, "{text}");
        assert_eq!(annotation.topic, None, "{text}");
    }
}

#[test]
fn english() {
    check(
        Language::En,
        &[
            "Hi",
            "thx",
            "Thanks!",
            "Great!",
            "terrible",
            "Yes please",
            "not working",
            "help me",
            "refund???",
            "where is my order",
            "ok thanks",
            "pls call me back",
            "u guys r the worst lol",
            "idk whats going on with my bill",
            "Cancel my subscription.",
            "The driver left my parcel in the rain.",
            "I was charged twice and would like a refund, please.",
            "My flight from São Paulo to Bogotá was cancelled and nobody told us.",
            "Is the Nguyễn account still assigned to Mr. Kowalczyk in Łódź?",
            "Please forward this to Дмитрий in accounting.",
            "The café on the ground floor only serves crème brûlée at weekends, is that right?",
            "José Muñoz from your Los Angeles office was very helpful.",
            "I ordered the Señor Frog t-shirt in red and got the blue one.",
            "Our guide in Rio de Janeiro, João, was fantastic!",
            "I ate at your restaurant in Las Vegas last night and got sick.",
            "We love the piñata but it arrived broken.",
            "The El Camino branch closes too early.",
            "My package is stuck at customs in Frankfurt am Main.",
            "Do you ship to Côte d'Ivoire?",
            "Müller's invoice has the wrong address on it.",
            "The jalapeño burger was cold.",
            "It took an hour to get to a human being, so I gave up.",
            "So, to be clear: I have to pay to return it?",
            "My doctor prescribed this, why is the claim denied?",
            "Signal drops every time it rains.",
            "I want to speak to a manager now.",
            "Your résumé upload page keeps timing out.",
            "Muhammad Ali street 12 is the right address, not 21.",
            "Can I use the Pro plan with two users?",
            "Bought it Monday, broke Tuesday.",
            "no one has answered my emails since January",
            "Add the 'Über uns' page to the menu, please.",
            "The label says \u{201c}fabriqué en France\u{201d} but I ordered the other one.",
            "the german version of the app says „Fehler“ every time I open it",
        ],
    );
}

#[test]
fn portuguese() {
    check(
        Language::Pt,
        &[
            "Oi",
            "vlw",
            "blz",
            "Ótimo!",
            "péssimo atendimento",
            "ok obrigado",
            "obg",
            "bom dia",
            "Não entendi.",
            "tá bom",
            "cadê meu pedido",
            "vcs nao respondem, ta caindo td hora",
            "quero cancelar",
            "nao consigo acessar minha conta",
            "voces cobraram duas vezes no cartao e ninguem resolve",
            "to sem internet desde ontem, ja liguei 3 vezes",
            "quero saber se voces fazem instalacao em apartamento e qual o preco",
            "qdo vai chegar minha encomenda?",
            "a atendente desligou na minha cara",
            "Mt bom, recomendo demais",
            "pq a fatura veio mais alta esse mes?",
            "nao recebi o codigo por sms",
            "o entregador nem tocou a campainha e marcou como ausente",
            "o aplicativo trava toda vez que abro",
            "gostaria de falar com um atendente por favor",
            "meu plano de saude negou o exame",
            "Comprei pelo site e até hoje não chegou.",
            "A conta de luz veio com valor absurdo.",
            "O técnico não apareceu e ninguém ligou para avisar.",
            "Já pedi o cancelamento quatro vezes e continuam cobrando.",
            "Que absurdo, fiquei duas horas na fila!",
            "Vocês são demais, resolveram na hora.",
            "Preciso da segunda via do boleto.",
            "O voo atrasou seis horas e a companhia não deu nem água.",
            "Minha mala foi extraviada em Madrid e a empresa aérea não responde.",
            "Fui atendido pelo Juan Muñoz, muito educado.",
            "O suporte me pediu para fazer o upgrade do software, mas o download falha.",
            "Comprei o iPhone na black friday e veio com defeito.",
            "Vi a série La Casa de Papel no plano premium e a imagem trava.",
            "O telemóvel avariou ao fim de dois dias e na loja recusaram-se a trocá-lo.",
            "Estou à espera do autocarro há uma hora, é uma vergonha.",
            "Contactei o apoio ao cliente e disseram-me que a encomenda está perdida.",
            "Gostava de saber quando é que me vão devolver o dinheiro.",
            "excelente atendimento, rápido e eficiente",
            "Por favor, me envie o recibo do pedido.",
            "para de me ligar",
        ],
    );
}

#[test]
fn spanish() {
    check_foreign(&[
        "Me cobraron dos veces la misma factura, necesito que me devuelvan el dinero.",
        "Estoy harto de ustedes, siempre la misma historia con el vuelo.",
        "hola buenas tardes, el paquete llego roto y falta una pieza",
        "Muchas gracias por la ayuda, todo quedó perfecto.",
        "Llevo tres semanas esperando mi pedido y nadie me contesta.",
        "El servicio es pésimo, quiero hablar con un supervisor ahora mismo.",
        "La señorita fue muy amable pero el internet sigue sin funcionar",
        "quiero cancelar el contrato, ya no me sirve",
        "¿Cuál es el horario de la tienda los domingos?",
        "Excelente servicio, rápido y eficaz.",
        "No funciona la aplicación, me pide la contraseña cada vez.",
        "Quisiera saber cuándo llega mi tarjeta nueva.",
        "El técnico no vino y perdí todo el día esperando.",
        "Es una vergüenza, llevan un mes sin dar solución.",
        "Todo perfecto, gracias.",
        "no me llega el codigo de verificacion",
        "La entrega estaba programada para ayer y todavía no llega.",
        "Me gustaría cambiar de plan a uno más barato.",
        "Perdieron mi maleta en el aeropuerto de Lisboa.",
        "ya pague la factura y me cortaron la luz igual",
        "Qué mala atención, nunca más compro aquí.",
        "Muy buena experiencia, lo recomiendo.",
        "¿Me pueden enviar el recibo por correo?",
        "Cancelaron la cita sin avisar y nadie responde el teléfono.",
        "Hicieron una promoción engañosa y se negaron a respetarla.",
        "Ustedes dijeron que el reembolso tardaba cinco días.",
    ]);
}

#[test]
fn french() {
    check_foreign(&[
        "Je suis très déçu, cela fait trois semaines que j'attends mon remboursement et personne ne répond.",
        "Bonjour, pourriez-vous m'envoyer la facture du mois de mars ?",
        "Le colis est arrivé cassé.",
        "Service client nul, on me raccroche au nez.",
        "Merci beaucoup pour votre aide, tout fonctionne.",
        "je veux resilier mon abonnement",
        "Votre conseiller a été très aimable.",
        "Pourquoi ai-je été débité deux fois ?",
        "Toujours pas de réponse depuis lundi, c'est inadmissible.",
        "Comment changer mon mot de passe ?",
        "La livraison était rapide, je recommande.",
    ]);
}

#[test]
fn italian() {
    check_foreign(&[
        "Ho pagato due volte la stessa bolletta e nessuno mi restituisce i soldi.",
        "Il pacco è arrivato rotto e il corriere è stato molto scortese.",
        "Buongiorno, vorrei sapere quando arriva il mio ordine.",
        "Spedizione velocissima, prodotto perfetto.",
        "La linea non funziona da una settimana.",
        "Servizio pessimo, non lo consiglio a nessuno.",
        "Grazie mille per la gentilezza!",
        "Come posso disdire il contratto?",
        "L'operatrice mi ha chiuso il telefono in faccia.",
        "Aspetto ancora il rimborso, è una vergogna.",
    ]);
}

#[test]
fn german_and_dutch() {
    check_foreign(&[
        "Ich warte seit zwei Wochen auf den Techniker und niemand meldet sich bei mir. Das ist eine Frechheit.",
        "Der Versand war schnell und die Ware ist einwandfrei, gerne wieder.",
        "Können Sie mir bitte sagen, wann die Filiale am Samstag öffnet?",
        "Meine Rechnung ist falsch.",
        "Das Paket kam beschädigt an.",
        "Die App stürzt immer ab, wenn ich mich einlogge.",
        "Ich möchte meinen Vertrag kündigen.",
        "Vielen Dank für die schnelle Hilfe!",
        "Der Kundenservice ist unfreundlich und hilft nicht.",
        "Wo bleibt meine Bestellung?",
        "Warum wurde mir doppelt abgebucht?",
        "De monteur is weer niet komen opdagen, ik ben er helemaal klaar mee.",
        "Ik wacht al drie weken op mijn geld.",
        "Het pakket is beschadigd aangekomen.",
        "Bedankt voor de snelle hulp!",
        "Waarom is er twee keer afgeschreven?",
        "De klantenservice neemt de telefoon niet op.",
        "Ik wil mijn abonnement opzeggen.",
        "Wat een slechte service, nooit meer.",
        "Kunt u mij de factuur sturen?",
        "De app werkt niet sinds de update.",
    ]);
}

#[test]
fn other_scripts() {
    check_foreign(&[
        "注文した商品が壊れていました。返金してください。",
        "予約の時間を明日の午後に変更できますか?",
        "Wi-Fiがつながらないのでサポートに電話しました。",
        "アプリが落ちます",
        "ありがとうございました。",
        "請求が二回来ています",
        "配送が遅すぎる",
        "解約したいです",
        "パスワードを忘れました",
        "とても親切でした",
        "상담원이 정말 친절해서 감사합니다.",
        "배송이 너무 늦어요. 고객센터는 전화를 받지 않습니다.",
        "환불해 주세요",
        "앱이 자꾸 꺼져요",
        "두 번 결제됐어요",
        "비밀번호를 잊어버렸어요",
        "언제 도착하나요?",
        "서비스가 최악입니다",
        "해지하고 싶어요",
        "정말 빠르네요",
        "客服態度很差,等了一個小時都沒有人接電話。",
        "我要退款",
        "快递还没到",
        "账单错了",
        "谢谢你的帮助",
        "网络一直断",
        "怎么取消订单?",
        "质量很好",
        "没有人回复我的邮件",
        "请把发票发给我",
        "Мой заказ так и не доставили, деньги не вернули.",
        "Спасибо большое",
        "Приложение не работает",
        "С меня дважды списали деньги",
        "Когда придёт посылка?",
        "Ужасный сервис",
        "Хочу отменить подписку",
        "Оператор бросил трубку",
        "Всё отлично, рекомендую",
        "Забыл пароль от iCloud",
        "لم يصل طلبي حتى الآن",
        "Δεν λειτουργεί το ίντερνετ",
        "मेरा ऑर्डर अभी तक नहीं आया",
        "ההזמנה לא הגיעה",
    ]);
}

#[test]
fn other_languages() {
    check_foreign(&[
        "Jag har inte fått min beställning och ingen svarar.",
        "Jeg har ventet i tre uker og dere svarer ikke.",
        "Jeg er meget utilfreds med jeres service.",
        "Proszę o zwrot pieniędzy, zamówienie nie przyszło.",
        "Siparişim hala gelmedi, çok kötü bir hizmet.",
        "Nu funcționează aplicația și nimeni nu răspunde.",
        "Pesanan saya belum sampai, tolong dibantu.",
        "Tilaus ei ole tullut vielä.",
    ]);
}

#[test]
fn mixed_texts() {
    // English or Portuguese words in a foreign text do not make it one of the two.
    check_foreign(&[
        "El account manager no responde mis emails, quiero un refund.",
        "Das Update hat mein Login zerstört, der Support antwortet nicht.",
        "Le service after-sales ne répond pas, worst experience de ma vie, je suis déçu.",
        "アプリのlogin errorが直りません。",
    ]);
    // A foreign quotation or greeting does not change the language.
    check(
        Language::En,
        &["Hola! I have a question about my bill and the late fee.", "Merci for the quick refund, that was great."],
    );
    check(
        Language::Pt,
        &[
            "Hola, meu pedido ainda não chegou e ninguém responde.",
            "O status está como \u{201c}delivered\u{201d}, mas não recebi nada.",
        ],
    );
}

#[test]
fn too_little_to_tell() {
    let engine = Engine::built_in();
    check(Language::Unknown, &["", "ok", "OK!", "12345", "0049 5512 7781", "👍", "zxcv qwer", "internet", "NaN", "?!"]);
    for text in ["ok", "12345", "zxcv qwer"] {
        let annotation = engine.annotate(text);
        assert!(annotation.confidence < THRESHOLD, "{text}: {annotation:?}");
    }
}

#[test]
fn emoji_speak_in_any_language() {
    let label = |text: &str| Engine::built_in().annotate(text).label();
    for (text, expected) in [
        ("El pedido llegó ayer 😡😡", Sentiment::Negative),
        ("El pedido llegó ayer 😍", Sentiment::Positive),
        ("商品が届きました 😊", Sentiment::Positive),
        ("El pedido llegó ayer", Sentiment::Neutral),
    ] {
        assert_eq!(label(text), expected, "{text}");
        let annotation = Engine::built_in().annotate(text);
        assert!(annotation.confidence < THRESHOLD, "{text}: {annotation:?}");
    }
    // Without words there is no language to know.
    assert!(Engine::built_in().annotate("😡😡😡").confidence > THRESHOLD);
}

#[test]
fn calls() {
    let spanish = "Agente: Buenas tardes, gracias por llamar, ¿en qué puedo ayudarle?\n\
        Cliente: Mi internet no funciona desde el lunes, es terrible.\n\
        Agente: Perfecto, voy a verificar su cuenta.\n\
        Cliente: Ya llamé tres veces y nadie me da una solución.";
    let annotation = CallStage::default().annotate(spanish);
    assert_eq!(annotation.language, Language::Unknown);
    assert!(annotation.confidence < THRESHOLD, "{annotation:?}");
    assert!(annotation.sentiment.is_some_and(|score| score.abs() < 0.15), "{annotation:?}");

    let with_foreign_turn = "Agent: Thank you for calling, how can I help you today?\n\
        Customer: Hola, buenas tardes.\n\
        Agent: Do you speak English? I can help you with your order.\n\
        Customer: Yes. My order never arrived and I want my money back.";
    assert_eq!(CallStage::default().annotate(with_foreign_turn).language, Language::En);
}
