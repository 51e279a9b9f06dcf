//! What agents and customers say.

/// What a phrase reveals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cue {
    /// An agent says it (above 0), or a customer (below 0).
    Agent(f32),
    /// A program says it.
    Bot(f32),
    /// Addresses the other.
    You,
    /// Speaks of oneself.
    I,
}

use Cue::{Agent, Bot, I, You};

/// Phrases by what they reveal, separated by `|`.
pub(super) static PHRASES: &[(Cue, &str)] = &[
    (
        You,
        "you|your|yours|sir|ma'am|madam|senhor|senhora|sr|sra|seu|sua|seus|suas|você",
    ),
    (I, "i|my|me|mine|i'm|i've|i'd|eu|meu|minha|meus|minhas|comigo|tô|estou"),
    (
        Agent(3.0),
        "thank you for calling|thanks for calling|thank you for contacting|thanks for contacting|thank you for choosing
        |thank you for reaching out|thanks for reaching out|thank you for holding|thanks for holding|thank you for waiting
        |thank you for your patience|how can i help|how may i help|how can i assist|how may i assist|what can i do for you
        |what can i help you with|how can i be of|how may i be of|how can we help|may i help you|can i help you with
        |anything else i can|is there anything else|anything else today|anything else for you|was there anything else
        |will there be anything else|will that be all|may i have your|can i have your|could i have your|can i get your
        |may i get your|may i know your|could i get your|can i take your|could i take your|please provide me
        |provide me with your|could you confirm your|can you confirm your|could you please confirm|can you please confirm
        |can you verify|could you verify|please verify|for verification|for security purposes|for security reasons
        |sorry for the inconvenience|apologize for the inconvenience|apologise for the inconvenience|sorry to hear that
        |sorry for the wait|sorry about the wait|i do apologize|i do apologise|bear with me|please hold|please stay on the line
        |transfer you|connect you|put you through|put you on hold|place you on hold|put you on a brief hold|our records
        |your reference number|your confirmation number|your case number|your ticket number|reference number is
        |confirmation number is|have a great day|have a wonderful day|have a lovely day|have a nice day ahead
        |it was my pleasure|my pleasure|glad i could help|happy to help|glad to help|happy to assist|be happy to
        |obrigado por ligar|obrigada por ligar|obrigado por entrar em contato|obrigada por entrar em contato
        |obrigado por aguardar|obrigada por aguardar|agradecemos o contato|agradecemos a sua ligação|agradecemos seu contato
        |agradecemos a ligação|agradece a sua ligação|agradece o contato|agradece o seu contato|agradece a ligação
        |agradeço o contato|agradeço a sua|agradeço por aguardar|em que posso ajudar|em que posso te ajudar
        |em que posso ajudá-lo|em que posso ajudá-la|em que eu posso ajudar|no que posso ajudar|no que posso te ajudar
        |como posso ajudar|como posso te ajudar|como posso ajudá-lo|como posso ajudá-la|em que posso ser útil
        |em que posso auxiliar|posso ajudar em algo|posso ajudar em mais|posso ajudar com mais|mais alguma coisa
        |algo mais em que|algo mais que eu possa|ajudar em algo mais|com quem eu falo|com quem falo
        |com quem estou falando|com quem eu tenho|poderia me informar|pode me informar|o senhor pode|a senhora pode
        |o senhor poderia|a senhora poderia|você poderia me|você pode me confirmar|pode me confirmar|poderia confirmar
        |confirmar seus dados|confirmar alguns dados|confirmar o seu|confirmar seu|confirma pra mim|confirma para mim
        |por questões de segurança|por segurança|aguarde um|aguarde na linha|aguarda um|só um momento|só um instante
        |só um minutinho|um momento por favor|um instante por favor|um minutinho|deixa eu verificar|vou verificar
        |vou consultar|vou checar|estou verificando|estou consultando|verifiquei aqui|consta aqui|consta no sistema
        |aqui no sistema|transferir a ligação|transferir o senhor|transferir a senhora|transferir você|vou transferir
        |número do protocolo|número de protocolo|o protocolo é|protocolo do atendimento|protocolo de atendimento
        |anote o protocolo|anotar o protocolo|tenha um bom dia|tenha um ótimo dia|tenha uma ótima|tenha uma boa|tenha um excelente
        |tenha uma excelente|lamento pelo|lamentamos|pelo transtorno|pelos transtornos|pelo inconveniente
        |peço desculpas pelo|pedimos desculpas|sinto muito pelo ocorrido|foi um prazer",
    ),
    (
        Agent(1.5),
        "about your|regarding your|calling you about|on your account|on your order|on your file|por causa da sua|por causa do seu|sobre a sua|sobre o seu
        |na sua conta|no seu cadastro|no seu pedido|o seu cadastro|o seu pedido|let me check|let me look|let me see what|let me pull|let me find|let me verify|let me confirm|let me just check
        |i'll check|i will check|i'll look into|i will look into|i'll take a look|i can see here|i see here|i can see that
        |i can see your|i see your|i see that you|on my end|on our end|in our system|our system|our team|our policy|we offer|we can offer
        |i can offer|i understand your|i completely understand|i understand how|i apologize|i apologise|we apologize
        |we apologise|my apologies|one moment|just a moment|give me a moment|just a second|give me a second|hold on a moment
        |would you like|would you prefer|do you prefer|do you want me|shall i|should i book|do you have your
        |do you happen to have|are you looking for|did you try|have you tried|what time would you|what day would you
        |when would you like|where would you like|where are you|how many people|what is your|what's your|may i ask
        |can you tell me your|could you tell me your|can you give me your|could you give me your|could you please
        |can you please provide|please provide|kindly|you're welcome|you are welcome|no problem at all|welcome to|i have booked|i've booked|booked for you
        |i have found|i found|there are several|i have several|i have refunded|i've refunded|i've issued|i've gone ahead|i have gone ahead|i've sent you
        |i have sent you|you will receive|you'll receive|you should receive|you will get|as a courtesy|i recommend
        |i would recommend|i'd recommend|this is|speaking|customer care|have a nice day|have a good day|have a good one
        |enjoy your|take care|goodbye and|your account|your order|your booking|your reservation|your request|your bill
        |me informa|me informe|me confirma|me passa o seu|me fala o seu|qual o seu|qual é o seu|qual seu|qual a sua
        |qual é a sua|por gentileza|entendo a sua|entendo sua|entendi senhor|entendi senhora|entendo perfeitamente|compreendo|certo senhor|certo senhora|correto senhor
        |ok senhor|ok senhora|sim senhor|sim senhora|sinto muito|peço desculpas|imagina|disponha|de nada|por nada|seu cadastro|sua conta|sua fatura
        |seu pedido|sua solicitação|seu plano|seu cpf|seu nome|seu endereço|seu telefone|seu email|sua internet|sua linha|seu chamado
        |será enviado|você vai receber|você receberá|o prazo é|nosso sistema|nossa equipe|nosso técnico|nossos canais|a gente agradece
        |já solicitei|já registrei|registrei aqui|vou registrar|vou abrir um chamado|vou gerar|vou estar|bem-vindo|bem-vinda
        |meu nome é",
    ),
    (
        Agent(0.6),
        "we'll|we can|we've|our technician|our driver|on its way|right away|no charge|waive|waived|business days|working days
        |send you|email you|text you|call you back|get back to you|replacement|credited|dias úteis|em até|dentro de|prazo|protocolo|cadastro|verificar|confirmar
        |solicitação|chamado|nosso|nossa|nossos|nossas|registrado|registrei|solicitei|devolver|creditar|anotado|agendado|agendei|prontinho
        |i'll|i will|we will|let me|i've sent|i've blocked|i've added|i've changed|i've updated|i've cancelled|i've canceled|i've ordered
        |thanks for letting|thank you for letting|thank you for sharing|for you|sorry|apologies|unfortunately|sadly|at no cost|free of charge|on us
        |may i|shall we|which|did you|do you see|do you recognize|do you still|can you|could you|is it|are you|have you|when did|what happens|what model
        |returning your call|fair enough|desculpe|desculpa|poxa|infelizmente|sem custo|vou mandar|vou enviar|vou chamar|vou pedir|vou abrir|vou ajustar
        |já mandei|já enviei|já apliquei|já abri|já ajustei|reenviei|enviei|achei|encontrei|localizei|qual|quando foi|tem a|você tem|o senhor|a senhora|consegue
        |prefere|quer que eu|posso|podemos|mandamos|refazemos|fazemos|temos|aqui é|bom dia|boa tarde|boa noite|olá|sou a|sou o|how are you|how are you today|how are you doing|thank you for that|thanks for that|perfect|certainly|absolutely|of course|i understand
        |pois não|perfeito|certinho|com certeza|entendi|tudo bem com|bom dia senhor|bom dia senhora",
    ),
    (
        Agent(-3.0),
        "i was charged|i've been charged|i have been charged|i was billed|i got charged|you charged me|charged me|i ordered|i bought
        |i purchased|i never received|i haven't received|i have not received|i didn't receive|i still haven't|i've been waiting|i have been waiting
        |i've been on hold|i have a problem|i've got a problem|i'm having|i am having|i've been having
        |i've called|i already called|i called you|i called yesterday|i'm a customer|i've been a customer|i have been a customer
        |i want to speak|can i speak|let me speak|i want to cancel|i'd like to cancel|i need to cancel|i want a refund|i want my money
        |refund me|can you help me|could you help me|i need help|i need some help|you guys|your company|that's all i need
        |that is all i need|that's all i needed|that will be all|that'll be all|that was all|nothing else|thank you for your help|thanks for your help
        |thank you for all your|thanks for all your|i'm looking for a|i am looking for a|i'm looking to|i am looking to
        |quero cancelar|queria cancelar|gostaria de cancelar|vou cancelar|fui cobrado|fui cobrada|me cobraram|tão me cobrando
        |estão me cobrando|veio cobrando|não recebi|nunca recebi|não chegou|ainda não chegou|eu comprei|comprei um|comprei uma
        |eu paguei|já paguei|eu liguei|já liguei|liguei aí|liguei ontem|estou com um problema
        |tô com um problema|estou tendo|estou com problema|não estou conseguindo|não tô conseguindo|não consigo|minha fatura
        |minha internet|meu pedido|minha encomenda|meu cartão|meu plano|meu celular|meu aparelho|minha linha|minha conta|minha compra
        |meu boleto|meu dinheiro|meu voo|minha consulta|era só isso|é só isso|só isso mesmo|seria só isso|obrigado pela ajuda
        |obrigada pela ajuda|valeu pela ajuda|procon|reclame aqui|sou cliente|vocês cobraram|vocês não|a internet caiu|quero falar
        |quero saber|queria saber|quero reclamar|quero meu|meu cpf é|o meu cpf",
    ),
    (
        Agent(-1.5),
        "i'm calling about|i am calling about|i'm calling because|i am calling because|i'm calling to|i am calling to
        |i'm calling regarding|estou ligando|tô ligando|your app|your website|your site|your driver|your technician
        |your system|your store|your staff|your colleague|your guy|your people|your policy|seu aplicativo|seu site|seu técnico
        |seu motorista|seu entregador|seu sistema|seus funcionários|seu colega|i want|i want to|i would like|i'd like|i need|i need to|i need a|i'm looking|i am looking|looking for a|can you find|could you find|can you book
        |could you book|can you tell me|could you tell me|can i get|could i get|please book|book it|my account|my order|my bill|my card|my phone
        |my internet|my flight|my package|my parcel|my money|my password|my subscription|my router|my computer|my laptop|my husband|my wife|my son|my daughter
        |my mother|my number is|my order number|my booking|my reservation|my appointment|yes please|no thanks|no thank you|that's it
        |that's all|that is all|that would be great|that sounds good|that works|thanks a lot|i can't|i cannot|i tried|i've tried|i don't know
        |why was|why is|when will|how long will|how much is|how much does|what about|it's not working|it doesn't work|it stopped
        |do you have|are there any|is there a|what is the|what's the address|where is my|still waiting
        |eu quero|eu queria|quero|queria|gostaria de|gostaria|preciso|eu preciso|vocês|até quando|por que|porque que|quanto tempo
        |quanto custa|meu marido|minha esposa|minha mulher|meu filho|minha filha|minha mãe|meu número|parou de funcionar
        |não funciona|não tá funcionando|não está funcionando|tá caindo|liguei|comprei|paguei|me mandaram|me disseram|me falaram|me prometeram
        |isso mesmo|isso aí|tá bom|ok obrigado|ok obrigada|tá bom obrigado|tá bom obrigada|não obrigado|não obrigada|moça|moço|amiga|querida",
    ),
    (
        Agent(-0.6),
        "never|nothing|late|missing|leaking|cold|dirty|noisy|rude|worse|terrible|horrible|ridiculous|unacceptable|joke|stuck|crashes|crashed|it's been
        |for an hour|for hours|for days|for weeks|half|cracked|torn|smells|noise|squealing|every time|every day|every night|not again|come on|seriously|i just|i thought
        |travou|trava|quebrou|atrasado|atrasada|atraso|sumiu|péssimo|absurdo|vergonha|ridículo|nunca|nada|até que enfim|toda vez|todo dia|todo mês|sem resposta|errou
        |still|again|already|three times|four times|five times|twice|yesterday|last week|last month|since|cadê|até agora|de novo|outra vez|ontem
        |semana passada|mês passado|já faz|faz dias|faz uma semana|há dias|continua|prometeram|falaram|disseram|mandaram|broken|wrong|charged|cancel|refund|errado|errada
        |quebrado|quebrada|estragado|veio|chegou|caiu|how am i supposed|you said|you told me|someone said|nobody|ninguém|we've been|is there any|where's|why
        |thanks|thank you|obrigado|obrigada|valeu|obrigadão|ok|okay|yeah|yes|no|sim|não|isso|tá|beleza|please|help|ajuda|need|want",
    ),
    (
        Bot(3.0),
        "you are caller number|your estimated wait|estimated wait time|did you know that you can|did you know you can|for billing press|to repeat this
        |sua posição na fila|tempo estimado de espera|você sabia que pode|para repetir|para falar com um atendente|after the tone|at the tone|após o sinal|i'm a bot
        |virtual assistant|virtual agent|automated assistant|digital assistant|automated system|i am a bot
        |press one|press two|press 1|press 2|say or press|main menu|this call may be recorded|this call is being recorded|this call will be recorded
        |calls may be recorded|please listen carefully|our menu options|assistente virtual|atendente virtual|atendimento automático|assistente digital
        |digite 1|digite 2|digite um|tecle 1|tecle 2|digite o número|menu principal|menu anterior|esta ligação está sendo gravada|esta chamada está sendo gravada
        |ligação poderá ser gravada|escolha uma das opções|escolha uma opção|selecione uma opção|please choose an option|please select an option
        |choose one of the following|your call is important|your call is very important|all our agents are|all of our agents are|all agents are currently|sua ligação é importante|sua ligação é muito importante
        |todos os nossos atendentes|todos os atendentes estão|please enter|type a keyword|i'm an automated|this is an automated|connecting you to an agent|connecting you with an agent|não entendi a opção|desculpe não entendi sua resposta|i didn't catch that",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::taxonomy::Normal;

    #[test]
    fn no_phrase_is_listed_twice() {
        let mut phrases = BTreeSet::new();
        for phrase in PHRASES.iter().flat_map(|(_, list)| list.split('|')) {
            let normal = Normal::phrase(phrase).expect(phrase);
            assert!(phrases.insert(normal), "{phrase} is listed twice: only one weight can be meant");
        }
    }
}
