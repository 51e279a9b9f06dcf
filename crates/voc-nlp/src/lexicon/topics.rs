//! The five topics, and the words that indicate them. A list's number is the weight of one occurrence.

use crate::annotation::Topic;

/// Topics in the order in which they win ties.
pub(crate) const TOPICS: [Topic; 5] = [Topic::BILLING, Topic::TECHNICAL, Topic::ACCOUNT, Topic::SALES, Topic::GENERAL];

/// The index of no topic.
pub(crate) const NO_TOPIC: usize = TOPICS.len();

/// The words of one topic.
pub(super) struct TopicWords {
    pub(super) topic: Topic,
    pub(super) english: TopicLists,
    pub(super) portuguese: TopicLists,
}

/// One language's words for a topic.
#[derive(Clone, Copy)]
pub(super) struct TopicLists {
    pub(super) words: &'static [(u32, &'static str)],
    /// Words that indicate the topic only when negated ("not working").
    pub(super) when_negated: &'static str,
    pub(super) when_negated_weight: u32,
    /// Phrases, separated by `|`. A phrase's weight replaces that of its last word.
    pub(super) phrases: &'static [(u32, &'static str)],
}

pub(super) static TOPIC_WORDS: &[TopicWords] = &[
    TopicWords {
        topic: Topic::BILLING,
        english: TopicLists {
            words: &[
                (3, "bill bills billed billing invoice invoices invoiced refund refunds refunded refunding reimbursement reimburse overcharged overcharge overbilled chargeback"),
                (2, "payment payments pay paying paid charge charges charged charging fee fees cost costs price prices pricing balance debit debited
                    credit credits statement statements owe owed transaction transactions transfer transfers transferred deposit withdrawal withdraw
                    cash currency exchange rate rates tax taxes receipt receipts autopay installment installments money atm bank dollars pounds euros interest apr expense expenses spend spent spending rebate compensation savings termination"),
                (1, "card cards amount expensive cheap cheaper due"),
            ],
            when_negated: "",
            when_negated_weight: 0,
            phrases: &[
                (4, "credit card bill|late fee|late fees|money back|charged twice|double charged|top up|topping up|topped up|direct debit|payment method|exchange rate|exchange rates"),
            ],
        },
        portuguese: TopicLists {
            words: &[
                (3, "fatura faturas faturamento boleto boletos cobrança cobranças cobrad@ cobraram cobrou cobrando cobram reembolso reembolsar
                    reembolsad@ estorno estornar estornad@ estornaram"),
                (2, "pagamento pagamentos pagar pago paga paguei pagando paguem preço preços tarifa tarifas taxa taxas juros multa débito debitad@ debitaram crédito
                    parcela parcelas parcelamento recibo valor valores vencimento dívida dinheiro pix saldo "),
                (1, "cartão cartões caro cara caros caras "),
            ],
            when_negated: "",
            when_negated_weight: 0,
            phrases: &[(4, "segunda via|2 via|cobrança indevida|conta de luz|conta de água|conta de telefone|nota fiscal|valor cobrado|cobrado duas vezes|minha conta veio|cartão de crédito|dinheiro de volta|a cara|o cara")],
        },
    },
    TopicWords {
        topic: Topic::TECHNICAL,
        english: TopicLists {
            words: &[
                (3, "error errors bug bugs buggy crash crashes crashed crashing glitch glitches glitchy outage outages malfunction malfunctioning
                    troubleshoot troubleshooting reboot rebooted rebooting"),
                (2, "slow slower broken freezes freezing frozen lag laggy lagging wifi internet router modem signal network connection connectivity
                    disconnect disconnects disconnected disconnecting offline software hardware firmware install installation installing
                    server servers website webpage app apps application screen laptop computer device devices bluetooth virus battery
                    download downloading loading defective faulty repair repairs repaired technician technical dropped speed speeds browser
                    unresponsive declined cracked damaged version bandwidth ethernet cable sync syncing"),
                (1, "stuck stopped fix fixed fixing phone system update updates failed fails failing freeze down"),
            ],
            when_negated: "work working works worked load loads open opens connect connects connecting respond responding function functioning start starts turn turns boot boots",
            when_negated_weight: 3,
            phrases: &[
                (4, "stopped working|stops working|quit working|not working|does not work|won't work|blue screen|shut down|shuts down|timed out|keeps crashing|no signal|no internet|wi fi|error message|slow internet|out of service"),
            ],
        },
        portuguese: TopicLists {
            words: &[
                (3, "erro erros bug bugs bugad@ bugou trava travando travou travad@ travamento falha falhas defeito defeitos instabilidade"),
                (2, "lento lenta lentos lentas lentidão quebrad@ quebrou internet roteador modem sinal rede conexão caindo caiu cai
                    servidor site aplicativo aplicativos app sistema tela celular computador instalação instalar técnic@ conserto consertar
                    manutenção bateria reiniciar desconecta velocidade aparelho"),
                (1, "atualização atualizar parou"),
            ],
            when_negated: "funciona funcionam funcionou funcionando funcionar abre abrem abriu carrega carregam conecta conectar liga responde",
            when_negated_weight: 3,
            phrases: &[(4, "fora do ar|não funciona|parou de funcionar|sem sinal|sem internet|mensagem de erro|tela azul|cai toda hora")],
        },
    },
    TopicWords {
        topic: Topic::ACCOUNT,
        english: TopicLists {
            words: &[
                (3, "password passwords passcode pin login logins username userid profile profiles signin"),
                (2, "account accounts access email emails registration register registered registering verification verify verified verifying
                    identity identification id credentials locked unlock unlocked activate activated activation deactivate authentication 2fa otp fraud fraudulent stolen lost routing reset reactivate recover restore
                    address settings newsletter newsletters unsubscribe"),
                (1, "change changed delete deleted closing close edit details permission name"),
            ],
            when_negated: "",
            when_negated_weight: 0,
            phrases: &[
                (4, "log in|logged in|logging in|sign in|signed in|sign up|signing up|locked out|reset my password|forgot password|forgot my password|e mail|user account|open an account|delete my account|close my account|phone number|personal details|security question"),
            ],
        },
        portuguese: TopicLists {
            words: &[
                (3, "senha senhas login perfil perfis usuário usuária"),
                (2, "conta contas acesso acessar acessei email cadastro cadastrar cadastrad@ cadastrei cadastral cpf verificação verificar autenticação
                    bloquead@ desbloquear desbloqueio titular titularidade endereço logar"),
                (1, "alterar alteração dados"),
            ],
            when_negated: "",
            when_negated_weight: 0,
            phrases: &[(4, "minha conta|dados cadastrais|redefinir senha|esqueci a senha|esqueci minha senha|trocar a senha|mudar a senha|e mail")],
        },
    },
    TopicWords {
        topic: Topic::SALES,
        english: TopicLists {
            words: &[
                (3, "buy buying purchase purchases purchased purchasing order orders ordered ordering upgrade upgraded upgrades upgrading subscribe subscription subscriptions"),
                (2, "bought trial plan plans discount discounts coupon coupons promo promotion promotions offer offers deal deals quote sale sales shipping
                    shipment delivery deliver delivered store stock checkout cart catalog product products item items book booking
                    reservation reserve flight flights hotel rental rent reward rewards redeem apply ticket tickets model buyer policy insurance package bundle warranty"),
                (1, "shop shopping sell available option options brand"),
            ],
            when_negated: "",
            when_negated_weight: 0,
            phrases: &[(4, "place an order|free trial|new plan|sign me up|how much is|how much does")],
        },
        portuguese: TopicLists {
            words: &[
                (3, "comprar compra compras comprei comprando pedido pedidos encomenda encomendar assinar assinatura assinaturas contratar contratei contratação upgrade"),
                (2, "plano planos desconto descontos cupom promoção promoções oferta ofertas orçamento venda vendas vendedor vendedora entrega entregas
                    frete loja estoque produto produtos carrinho catálogo reserva passagem passagens garantia mercadoria"),
                (1, "modelo marca"),
            ],
            when_negated: "",
            when_negated_weight: 0,
            phrases: &[(4, "fazer um pedido|teste grátis|novo plano|trocar de plano|mudar de plano|quanto custa")],
        },
    },
    TopicWords {
        topic: Topic::GENERAL,
        english: TopicLists {
            words: &[(1, "question questions information info help support assistance assist hours contact speak representative human inquiry enquiry feedback complaint complaints")],
            when_negated: "",
            when_negated_weight: 0,
            phrases: &[(2, "opening hours|customer service|customer support|speak to|talk to|speak with|talk with|how do i|can you tell me|contact you")],
        },
        portuguese: TopicLists {
            words: &[(1, "dúvida dúvidas informação informações ajuda ajudar suporte pergunta perguntas atendimento sac horário reclamação reclamações sugestão")],
            when_negated: "",
            when_negated_weight: 0,
            phrases: &[(2, "horário de funcionamento|falar com|atendimento ao cliente|gostaria de saber")],
        },
    },
];
