//! Cancellation: ending a contract, a subscription or an order.

use super::lists::{CANCELLATION, TopicLists, TopicWords};

pub(super) static WORDS: TopicWords = TopicWords {
    topic: CANCELLATION,
    in_rows: None,
    english: TopicLists {
        words: &[
            (3, "cancel cancels canceled cancelled canceling cancelling cancellation cancellations cancelation unsubscribe unsubscribed
                terminate terminated terminating termination"),
            (2, "discontinue discontinued discontinuing quitting closing"),
            (1, "close closed contract leaving competitor competitors"),
        ],
        when_negated: (0, ""),
        phrases: &[
            (4, "early termination|opt out|opting out|notice period|cooling off|no longer want|no longer need|want out|auto renew|auto renewal
                |automatic renewal|not renew|don't renew|switch providers|switch provider|switching providers|switching provider|change providers
                |another provider|different provider|stop my subscription|stop my service|stop the service
                |disconnect my service|end my contract|end the contract|ending my contract|end my subscription|end my membership|end my service
                |end of my contract|out of my contract|out of this contract|out of the contract|break my contract|breaking my contract|break the contract
                |leave my contract|taking my business elsewhere|my business elsewhere|stop my order|stop the order"),
            (5, "close my account|closing my account|close an account|close the account|close account|close out my account|closed my account
                |cancel my order|cancel order|cancel the order|cancel an order|cancel this order|canceling my order|cancelling my order
                |cancel my subscription|cancel subscription|cancel the subscription|cancelled my subscription|canceled my subscription
                |cancel my plan|cancel the plan|cancel my account|cancel account|cancel the account|cancel my contract|cancel the contract
                |cancel my service|cancel the service|cancel service|cancel my membership|cancel membership|cancel my policy|cancel my insurance
                |cancel my card|cancel my trial|cancel the trial|cancel my purchase|cancel a purchase|cancel my internet|cancel my phone
                |cancel everything|cancellation policy|cancel purchase|cancel the purchase|cancel this purchase|cancel an item|cancel one item"),
        ],
    },
    portuguese: TopicLists {
        words: &[
            (3, "cancelar cancele cancelei cancelem cancelad@ cancelou cancelaram cancela cancelando cancelarem cancelo cancelamento cancelamentos
                rescindir rescisão rescindi rescindido distrato desistência descadastrar desassinar"),
            (2, "encerrar encerrei encerrad@ encerramento desistir desisti desisto portabilidade rescisória"),
            (1, "contrato contratos fidelidade"),
        ],
        when_negated: (2, "renovem renovou"),
        phrases: &[
            (4, "não quero mais|não tenho mais interesse|não renovar|não quero renovar|renovação automática|mudar de operadora|trocar de operadora
                |mudando de operadora|outra operadora|pra concorrência|para a concorrência|ir pra concorrência|fazer portabilidade
                |fazer a portabilidade|quebra de contrato|multa rescisória|desistir da compra|desisti da compra|romper o contrato|sair do plano
                |sair da operadora|cláusula de fidelidade|taxa de cancelamento|desligar a linha"),
            (5, "cancelar meu plano|cancelar o plano|cancelar plano|cancelar minha assinatura|cancelar assinatura|cancelar a assinatura
                |cancelei a assinatura|cancelar meu pedido|cancelar pedido|cancelar o pedido|cancelar um pedido|cancelei o pedido
                |cancelar minha linha|cancelar a linha|cancelar minha conta|cancelar a conta|cancelar conta|cancelar o contrato
                |cancelar meu contrato|cancelar contrato|cancelar meu cartão|cancelar o cartão|cancelar a compra|cancelar minha compra
                |cancelar compra|cancelar o serviço|cancelar esse serviço|cancelar a internet|cancelar minha internet|cancelar o seguro
                |cancelar meu seguro|cancelar tudo|cancelar a matrícula|encerrar minha conta|encerrar a conta|encerrar conta
                |encerrar o contrato|encerrar meu contrato|fechar minha conta|fechar a conta|fim do contrato|multa de cancelamento
                |multa por cancelamento|multa pelo cancelamento|prazo de cancelamento"),
        ],
    },
};
