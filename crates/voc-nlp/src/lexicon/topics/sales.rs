//! Sales: buying, plans, offers and questions about prices.

use super::lists::{SALES, TopicLists, TopicWords};

pub(super) static WORDS: TopicWords = TopicWords {
    topic: SALES,
    in_rows: Some(SALES),
    english: TopicLists {
        words: &[
            (3, "buy buying purchase purchases purchased purchasing upgrade upgraded upgrades upgrading subscribe order orders ordered ordering"),
            (2, "subscription subscriptions bought trial plan plans price prices pricing discount discounts coupon
                coupons promo promotion promotions promotional offer offers offering deal deals quote quotes sale sales store stores stock checkout
                cart catalog catalogue reward rewards redeem apply buyer policy insurance bundle warranty voucher vouchers
                membership renew renewal loyalty tariff demo cheaper brochure sku"),
            (1, "shop shopping sell sells selling available option options brand item items product products goods ticket tickets model models cheap eligible
                supported"),
        ],
        when_negated: (0, ""),
        phrases: &[
            (4, "place an order|placing an order|make an order|new order|free trial|new plan|new plans|change my plan|switch my plan|change plans
                |better plan|different plan|data plan|phone plan|family plan|sign me up|how much is|how much are|how much does|how much do
                |how much would|what does it cost|what would it cost|what will it cost|look at the plans|available plans|options and prices|price list|in stock|out of stock|back in stock|on sale|special offer
                |special offers|black friday|price match|tv package|internet package|data package|package deal|new phone|new card
                |gift card|gift cards|promo code|discount code|coupon code|new customer|new customers|new line|add a line|start service
                |new service|interested in|looking to buy|thinking of buying|best price|sales team|sales rep|sales department
                |spare card|virtual card|physical card"),
        ],
    },
    portuguese: TopicLists {
        words: &[
            (3, "comprar compra compras comprei comprando comprou comprem contratar contratei contratação contratando upgrade"),
            (2, "assinar assinei assinatura assinaturas plano planos preço preços descontos cupom cupons promoção promoções promocional oferta ofertas
                orçamento venda vendas vender vendem loja lojas estoque carrinho catálogo combo seguro adquirir empréstimo financiamento
                simulação cotação consórcio renovar renovação"),
            (1, "modelo modelos disponível disponíveis pedido pedidos barato baratos franquia"),
        ],
        when_negated: (0, ""),
        phrases: &[
            (4, "fazer um pedido|fazer pedido|novo pedido|teste grátis|novo plano|outro plano|trocar de plano|mudar de plano|mudar meu plano
                |trocar meu plano|plano melhor|quanto custa|quanto custam|quanto é|quanto fica|quanto sai|quanto tá|quanto está|qual o preço
                |qual o valor|qual é o valor|qual é o preço|preço do|em promoção|tem desconto|algum desconto|um desconto|código promocional|pacote de dados
                |pacote de internet|pacote de canais|pacote de viagem|plano família|tenho interesse|teria interesse|novo cliente
                |em estoque|à venda|black friday|vale a pena comprar|melhor preço|pedir um cartão|cartão novo"),
        ],
    },
};
