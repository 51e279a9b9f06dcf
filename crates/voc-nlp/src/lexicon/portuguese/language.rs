//! Words that identify Portuguese.

/// Frequent words without a meaning of their own, by how clearly they distinguish Portuguese from other languages.
pub(super) static MARKERS: &[(u32, &str)] = &[
    (
        3,
        "não nao uma você vocês vc vcs ele ela eles elas meu minha meus minhas seu sua seus suas estão estou foi foram são tem tenho
        tinha isso isto essa nesse nessa nesta neste aquele aquela pra pelo pela com sem muito muita muitos mais também já ainda
        quando pois então onde quem depois agora hoje ontem amanhã faz fiz quero preciso gostaria posso pode podem vou
        vai aos um tudo sempre obrigado obrigada boa bom olá oi senhor senhora mesmo mesma outra outro",
    ),
    (
        2,
        "eu em lhe num numa dia dias fazer ter ao nas nem tá da os serviço serviços atendimento produto produtos ligar liguei ligou
        telefone contato loja pessoal pessoa pessoas coisa vezes mês dinheiro esse",
    ),
    // Spanish has most of them, too.
    (
        1,
        "e é o ou né aqui porque na mas ali das dos nos as do só até tu pro às
        de que para por como se te nada nunca cada desde entre sobre todo toda todos todas este era ser antes vamos está
        cliente clientes empresa gente vez hora horas semana ano anos favor",
    ),
    // English has them, too.
    (0, "a me no la tô"),
];

/// Other words that identify Portuguese, likewise.
pub(super) static TELLING: &[(u32, &str)] = &[
    (
        3,
        "voces ces tbm tb tmb pq tds hj blz vlw flw tmj mto mta mtas mtos msm dps qnd qdo qto qta aki naum cmg ngm cadê pfv pfvr pfvor
        sqn vdd obg obgd obrigadão obgda valeu beleza tamo tão duma procê estava estavam estamos estivesse estiver tinham
        tivemos tiveram tive teve temos tenham tenha fomos fosse fossem seja sejam sou somos eram serão seriam dele dela
        deles delas nele nela disso disto daquele daquela desse dessa deste desta nisso nisto àquele comigo conosco contigo
        nosso nossa nossos nossas alguém ninguém nenhum nenhuma algum alguma alguns algumas qualquer quaisquer outros outras muitas
        quais qual quanto quanta quantos quantas enquanto embora porém portanto assim além através após apenas somente",
    ),
    (
        2,
        "q td kd eh fui consigo atrás fazem fazendo feito feita fez fizeram fazia faço faça vão ir indo vir vem vêm veio vieram vindo
        ficar fica fico ficou fiquei ficam ficando dizer diz dizem disse disseram dizendo falar fala falo falei falou falaram falam
        falando ver vejo vi viu viram vendo dar dá dou deu deram dando pôr pôs puseram sair sai saiu saíram chegar chega chegou
        chegaram chegando cheguei levar levou levaram levei deixar deixa deixou deixaram deixei deixe achar acho acha achei achou
        acham tentar tento tentei tentou tentando conseguir consegue conseguem consegui conseguiu conseguimos precisar precisa
        precisam precisei precisamos querer quer querem queria queriam quis quiser saber sei sabe sabem soube acontecer acontece
        aconteceu acontecendo começar começa começou continuar continua continuam continuo parar parou parei voltar volta voltou
        voltei esperar espero esperei esperamos ligam ligaram ligando ligação ligações atende atendem atendeu atenderam atendente
        atendentes responder responderam respondeu respondem retorno retornar retornaram mandar mandei mandou mandaram manda mando
        enviei enviou enviaram enviado enviada envia receber recebi recebeu receberam recebo comprei comprou compraram pagar paguei
        pagou pagaram cobrança cobranças cobraram cobrou fatura faturas boleto boletos conta contas cartão cartões reais centavos
        desconto entregar entregou entregaram encomenda encomendas trocar troca trocaram devolver devolução devolveram estorno
        cancelamento cancelei cancelaram assinatura cadastro senha senhas acesso acessar aplicativo aplicativos celular celulares
        telemóvel computador sinal rede linha operadora banco agência gerente caixa fila lojas compras preço preços prazo prazos
        endereço rua bairro cidade casa apartamento voo voos mala malas viagem passagem passagens bagagem médico médica consulta
        exame exames plano convênio carteirinha energia luz água técnico técnicos visita instalação manutenção conserto
        protocolo reclamação reclamações ouvidoria procon situação informação informações solução resolvido resolvida resolveram
        ajuda ajudar ajudou ajudaram dúvida dúvidas novo nova novos novas velho velha melhor pior maior menor primeiro primeira
        segundo terceiro última último próximo próxima errado errada certo certa difícil fácil rápido demorado quebrado quebrada
        bem mal tarde cedo logo jeito vontade verdade problemas moço moça cara galera mano véi mãe pai filho filha irmão irmã
        esposa marido mulher homem criança crianças menino menina amigo amiga amigos segunda terça quarta quinta sexta sábado
        domingo janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro semanas meses minuto
        minutos manhã noite dois duas três seis sete oito nove dez vinte trinta cem mil assistir assistindo assisti novela jogo
        torcer bora caramba caralho porra merda credo eita saudade saudades kkkk kkkkk rsrs rsrsrs aff affe afe havia
        houve haver possível impossível necessário disponível algo demais bastante longe perto dentro fora cima baixo lado vida
        mundo trabalho trabalhar faculdade escola coisas tempo ouvir escrever ler abrir abriu fechar fechou fechado aberto
        perder perdi perdeu achando olha olhar espera percebi percebeu entendi entendeu entender lembrar lembro esqueci esqueceu
        explicar explicou explicaram pediu pediram pedir pedi pedido pedidos reparar recusaram avariou avaria autocarro comboio
        ecrã equipa facto encomendei roupa vestido cantando socorro nervosa nervoso tomara avisou avisaram gostando cabelo cozinha
        comida prova chegada bola azul vermelho verde hambúrguer cachorro gato ônibus trem metrô carro moto tchau ar lindo orgulho nota notas zero",
    ),
];
