//! Billing: charges, refunds, invoices and payment.

use super::lists::{BILLING, TopicLists, TopicWords};

pub(super) static WORDS: TopicWords = TopicWords {
    topic: BILLING,
    in_rows: Some(BILLING),
    english: TopicLists {
        words: &[
            (3, "bill bills billed billing invoice invoices invoiced invoicing refund refunds refunded refunding refundable reimbursement
                reimburse reimbursed overcharged overcharge overcharges overcharging overbilled chargeback chargebacks"),
            (2, "payment payments pay paying paid charge charges charged charging surcharge fee fees cost costs balance debit debited debits
                credit credits credited statement statements owe owed owing transaction transactions transfer transfers transferred deposit
                deposits deposited withdrawal withdrawals withdraw cash currency rate rates tax taxes vat receipt receipts autopay
                installment installments instalment instalments money atm bank dollars dollar pounds euros interest apr expense expenses spend
                spent spending rebate compensation compensate savings overdraft cheque paypal debt debts arrears collections
                overpaid underpaid deducted deduction unpaid overdue"),
            (1, "card cards amount expensive due exchange"),
        ],
        when_negated: (0, ""),
        phrases: &[
            (4, "credit card bill|late fee|late fees|late payment|money back|charged twice|charged me twice|billed twice|billed me twice|charged us twice
                |double charged|charged double|charged again|charged me again|top up|topping up
                |topped up|direct debit|payment method|payment methods|payment plan|exchange rate|exchange rates|past due|due date
                |proof of payment|bank statement|hidden fee|hidden fees|hidden charges|unauthorized charge|unauthorised charge|unknown charge
                |extra charge|extra charges|price increase|rate increase|took money|take money|taken out twice|owe you|owe me|account balance
                |outstanding balance|on my bill|on my statement|on my card|roaming charges|pay by card|apple pay|google pay|gift card balance
                |cancel transfer|cancel a transfer|cancel the transfer|cancel my transfer|cancel a payment|cancel my payment|cancel the payment
                |cancel a transaction"),
            (5, "received my refund|receive my refund|get my refund|got my refund|getting my refund|process my refund|waiting for my refund
                |waiting on my refund|where is my refund|where's my refund|received my money
                |received my invoice|receive my bill|received my bill"),
        ],
    },
    portuguese: TopicLists {
        words: &[
            (3, "fatura faturas faturamento faturad@ boleto boletos cobrança cobranças cobrad@ cobraram cobrou cobrando cobram cobrar cobra
                reembolso reembolsos reembolsar reembolsad@ reembolsaram estorno estornos estornar estornad@ estornaram estornou
                ressarcimento ressarcir ressarcid@"),
            (2, "pagamento pagamentos pagar pago paga paguei pagando paguem pagou tarifa tarifas taxa taxas juros multa multas débito débitos debitad@
                debitaram debitou crédito créditos parcela parcelas parcelamento parcelar parcelad@ recibo recibos vencimento dívida
                dívidas dinheiro pix saldo imposto impostos iof quitar quitad@ quitei quitação inadimplente negativad@ negativaram serasa spc
                anuidade transferência transferências extrato comprovante saque sacar depósito descontaram descontado mensalidade
                mensalidades grana"),
            (1, "cartão cartões valor valores caro caros reais conta contas desconto"),
        ],
        when_negated: (0, ""),
        phrases: &[
            (4, "segunda via|2 via|2a via|cobrança indevida|cobranças indevidas|nota fiscal|valor cobrado|cobrado duas vezes|cobrada duas vezes
                |cobrou duas vezes|cobraram duas vezes|cobrado em dobro|duas vezes no cartão|cartão de crédito|dinheiro de volta|débito automático
                |código de barras|em aberto|em atraso|data de vencimento|nome sujo|meu nome sujo|forma de pagamento|formas de pagamento
                |cobrança a mais|valor a mais|valor errado|valor alto|a mais na conta|descontado da conta|cobrado a mais|pagar a mais|linha digitável
                |cheque especial|limite do cartão|limite de crédito"),
            (5, "conta de luz|conta de água|conta de telefone|conta de internet|conta de gás|conta de energia|conta veio|minha conta veio|conta alta
                |conta mais alta|conta mais cara|conta atrasada|conta vencida|pagar a conta|paguei a conta|pagar minha conta|paguei minha conta
                |valor da conta|conta do mês|conta deste mês|conta desse mês|aumento na conta|recebi o reembolso|recebi meu reembolso
                |recebi o estorno|recebi a fatura|recebi minha fatura|recebi o boleto|recebi meu dinheiro|meu dinheiro|cadê meu reembolso
                |chegou a fatura|fatura não chegou|boleto não chegou|chegou o boleto"),
        ],
    },
};
