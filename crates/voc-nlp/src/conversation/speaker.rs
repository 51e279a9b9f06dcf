//! What the words of speakers' names reveal about their roles.

use super::Role;
use crate::words::{FoldedChar, fold};

/// The meaning of a word in a speaker's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The speaker's role.
    Role(Role),
    /// A word that suggests a role if it is a speaker's name at all: "inbound".
    Hint(Role),
    /// A program, or a person who assists others.
    Assistant,
    /// A person distinguished from others by a number: "Speaker 1".
    Somebody,
    /// Part of a description: "customer *service* agent".
    Qualifier,
    /// Stands before colons without naming a person: "Note", "Dear customer".
    Field,
    /// A name, or any other word.
    Unknown,
}

/// The role that counts of two in one name: "virtual agent" is a bot, "customer service agent" is an agent.
pub(super) fn stronger(a: Role, b: Role) -> Role {
    match (a, b) {
        (Role::Bot, _) | (_, Role::Bot) => Role::Bot,
        (Role::Agent, _) | (_, Role::Agent) => Role::Agent,
        _ => a,
    }
}

/// The longest word with a meaning here.
const LONGEST: usize = 16;

/// The meaning of a word, in any case and with or without accents.
pub(super) fn meaning(word: &str) -> Meaning {
    let mut letters = [0; LONGEST];
    let mut len = 0;
    for c in word.chars() {
        match fold(c) {
            FoldedChar::Ascii(letter) => match letters.get_mut(len) {
                Some(place) => *place = letter,
                None => return Meaning::Unknown,
            },
            FoldedChar::Nothing => continue,
            FoldedChar::Foreign | FoldedChar::Symbol => return Meaning::Unknown,
        }
        len += 1;
    }
    of_folded(letters.get(..len).unwrap_or_default())
}

fn of_folded(word: &[u8]) -> Meaning {
    match word {
        b"customer" | b"client" | b"cliente" | b"clienta" | b"consumer" | b"consumidor" | b"consumidora" | b"user"
        | b"usuario" | b"usuaria" | b"caller" | b"buyer" | b"comprador" | b"compradora" | b"patient" | b"paciente"
        | b"guest" | b"hospede" | b"visitor" | b"visitante" | b"subscriber" | b"assinante" | b"member"
        | b"segurado" | b"segurada" | b"passenger" | b"passageiro" | b"passageira" | b"cust" | b"reclamante"
        | b"solicitante" | b"titular" | b"correntista" | b"beneficiario" | b"beneficiaria" | b"contribuinte"
        | b"cooperado" | b"cooperada" | b"inquilino" | b"inquilina" | b"shopper" | b"tenant" | b"policyholder"
        | b"cardholder" | b"enduser" | b"endcustomer" | b"requester" | b"lead" => Meaning::Role(Role::Customer),
        b"agent" | b"agente" | b"atendente" | b"operador" | b"operadora" | b"operator" | b"rep" | b"representative"
        | b"representante" | b"csr" | b"advisor" | b"adviser" | b"consultor" | b"consultora" | b"consultant"
        | b"analista" | b"analyst" | b"support" | b"suporte" | b"vendedor" | b"vendedora" | b"salesperson"
        | b"supervisor" | b"supervisora" | b"manager" | b"gerente" | b"specialist" | b"especialista"
        | b"technician" | b"tecnico" | b"tecnica" | b"receptionist" | b"recepcionista" | b"helpdesk"
        | b"dispatcher" | b"attendant" | b"assessor" | b"assessora" | b"sac" | b"callcenter" | b"telemarketing"
        | b"teleatendente" | b"seller" | b"lojista" | b"staff" | b"ombudsman" | b"ouvidor" | b"ouvidora"
        | b"ouvidoria" | b"associate" | b"atd" => Meaning::Role(Role::Agent),
        b"bot" | b"chatbot" | b"robot" | b"robo" | b"ivr" | b"ura" | b"virtual" | b"system" | b"sistema"
        | b"voicebot" | b"ai" | b"ia" | b"automated" | b"automatic" | b"automatico" | b"machine" | b"maquina"
        | b"recording" | b"gravacao" | b"copilot" | b"chatgpt" | b"gpt" => Meaning::Role(Role::Bot),
        b"speaker" | b"falante" | b"participant" | b"participante" | b"pessoa" | b"person" | b"locutor"
        | b"locutora" | b"interlocutor" | b"spk" | b"channel" | b"canal" | b"speakers" | b"orador" | b"oradora"
        | b"party" | b"ch" => Meaning::Somebody,
        b"assistant" | b"assistente" => Meaning::Assistant,
        b"inbound" | b"incoming" | b"external" | b"externo" | b"recebida" | b"recebido" | b"received" | b"cl"
        | b"cli" | b"morador" | b"moradora" | b"aluno" | b"aluna" | b"student" | b"resident" | b"cidadao"
        | b"cidada" | b"citizen" | b"parent" | b"mae" | b"pai" | b"attendee" | b"renter" => {
            Meaning::Hint(Role::Customer)
        }
        b"outbound" | b"outgoing" | b"internal" | b"interno" | b"enviada" | b"enviado" | b"ag" | b"at" | b"op"
        | b"central" | b"empresa" | b"loja" | b"company" | b"store" | b"shop" | b"prefeitura" | b"organizacao"
        | b"organizer" | b"organiser" | b"host" | b"admin" | b"moderator" | b"equipe" | b"secretaria" | b"recepcao"
        | b"reception" | b"clinica" | b"clinic" | b"hospital" | b"banco" | b"bank" | b"hotel" | b"restaurante"
        | b"restaurant" | b"escola" | b"school" | b"farmacia" | b"pharmacy" | b"oficina" | b"garage"
        | b"imobiliaria" | b"laundry" | b"lavanderia" | b"billing" | b"cobranca" | b"financeiro" | b"logistica"
        | b"dispatch" | b"academia" | b"gym" | b"salon" | b"salao" | b"bakery" | b"padaria" | b"pizzaria"
        | b"mercado" | b"market" | b"seguros" | b"insurance" | b"airlines" | b"telecom" | b"energia" | b"gas"
        | b"office" | b"escritorio" | b"consultorio" | b"laboratorio" | b"lab" => Meaning::Hint(Role::Agent),
        b"service" | b"servico" | b"care" | b"sales" | b"vendas" | b"success" | b"de" | b"do" | b"da" | b"ao"
        | b"a" | b"o" | b"team" | b"desk" | b"senior" | b"tech" | b"call" | b"center" | b"human" | b"humano"
        | b"live" | b"chat" | b"dos" | b"das" | b"e" | b"van" | b"von" | b"der" | b"del" | b"end" => Meaning::Qualifier,
        b"the" | b"dear" | b"caro" | b"cara" | b"prezado" | b"prezada" | b"hello" | b"hi" | b"ola" | b"note"
        | b"notes" | b"nota" | b"notas" | b"obs" | b"observacao" | b"ps" | b"re" | b"fw" | b"fwd" | b"subject"
        | b"assunto" | b"from" | b"to" | b"para" | b"cc" | b"bcc" | b"sent" | b"date" | b"data" | b"time" | b"hora"
        | b"name" | b"nome" | b"email" | b"mail" | b"phone" | b"telefone" | b"tel" | b"fax" | b"celular"
        | b"address" | b"endereco" | b"cep" | b"cpf" | b"cnpj" | b"rg" | b"order" | b"pedido" | b"invoice"
        | b"fatura" | b"total" | b"valor" | b"price" | b"preco" | b"status" | b"id" | b"protocolo" | b"protocol"
        | b"reference" | b"ref" | b"link" | b"url" | b"http" | b"https" | b"ftp" | b"mailto" | b"tip" | b"dica"
        | b"important" | b"importante" | b"warning" | b"aviso" | b"error" | b"erro" | b"summary" | b"resumo"
        | b"issue" | b"problem" | b"problema" | b"solution" | b"solucao" | b"duration" | b"duracao" | b"topic"
        | b"topico" | b"title" | b"titulo" | b"question" | b"pergunta" | b"answer" | b"resposta" | b"example"
        | b"exemplo" | b"account" | b"conta" | b"ticket" | b"product" | b"produto" | b"quantity" | b"step"
        | b"passo" | b"option" | b"opcao" | b"update" | b"edit" | b"pros" | b"cons" | b"category" | b"categoria"
        | b"transcript" | b"transcricao" | b"language" | b"warranty" | b"garantia" | b"delivery" | b"entrega"
        | b"hours" | b"horario" | b"reason" | b"motivo" | b"result" | b"resultado" | b"attachment" | b"anexo" => {
            Meaning::Field
        }
        _ => Meaning::Unknown,
    }
}
