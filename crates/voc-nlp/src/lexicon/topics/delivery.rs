//! Delivery: shipping, parcels, tracking, late and wrong deliveries; baggage, too.

use super::lists::{DELIVERY, SALES, TopicLists, TopicWords};

pub(super) static WORDS: TopicWords = TopicWords {
    topic: DELIVERY,
    in_rows: Some(SALES),
    english: TopicLists {
        words: &[
            (3, "delivering undelivered redelivery shipped package packages parcel parcels courier couriers dispatched dispatch baggage luggage suitcase suitcases
                fedex usps dhl misdelivered"),
            (2, "delivery deliveries deliver delivered delivers shipping shipment shipments ship ships arrive arrived arrives arriving arrival tracking eta expedite expedited track tracked mailed mailbox doorstep porch driver customs warehouse transit
                postal postman mailman ups"),
            (1, "wrong bag bags received receive receiving mail post late carrier missing"),
        ],
        when_negated: (0, ""),
        phrases: &[
            (4, "tracking number|tracking link|tracking information|order status|lost in transit|out for delivery|delivery date|delivery time
                |shipping cost|shipping time|home delivery|free shipping|express shipping|next day delivery
                |lost my bag|lost my bags|lost my luggage|lost my baggage|lost luggage|lost baggage|lost bag|lost package|lost parcel
                |baggage claim|checked bag|checked bags|bag is missing|post office|by mail|in the mail|in the post|front door|my doorstep
                |left outside|order is late|order was late|order is missing|order is wrong|order was wrong|days late|weeks late|a week late|a month late|wrong item|wrong items|wrong size|wrong order|wrong product
                |wrong colour|wrong color|wrong one|wrong address|wrong house|wrong shoes|wrong model|soon can i expect|when can i expect|missing item|missing items|missing from my order
                |item missing|items missing|incomplete order|empty box|never received|haven't received|havent received|have not received
                |didn't receive|did not receive|not received|here yet|sent me the wrong|sent the wrong|returned to sender
                |return label|pick up point|pickup point"),
            (5, "where is my order|where's my order|wheres my order|where is my package|track my order|track an order|track the order|tracking my order
                |status of my order|status of order|status of the order|status of an order|status of my purchase|status of purchase|eta of my order|eta of order|eta of my purchase|eta of purchase|eta of the order|hasn't arrived|hasnt arrived|has not arrived|haven't arrived|have not arrived|not arrived|never arrived
                |didn't arrive|did not arrive|yet to arrive|arrived late|never came|never showed|get my order|getting my order|got my order
                |received my order|receive my order|receive my card|received my card|waiting for my order|waiting on my order|card arrive
                |card arrived|arrived yet|come in the mail|received my package"),
        ],
    },
    portuguese: TopicLists {
        words: &[
            (3, "entrega entregas entregar entregue entregues entregaram entregou entregando entregador entregadores frete fretes encomenda
                encomendas correio correios sedex rastreio rastrear rastreamento transportadora transportadoras pacote pacotes
                bagagem bagagens extraviad@ extravio extraviou extraviaram despachad@ despacharam"),
            (2, "mala malas chegou chegar chegaram chega chegam chegará chegando enviad@ enviaram enviou envio enviar mercadoria mercadorias remessa
                postad@ postaram postagem motoboy motorista alfândega errad@"),
            (1, "cep receber recebi recebeu portaria porteiro trocad@ incomplet@ prazo"),
        ],
        when_negated: (3, "veio vieram"),
        phrases: &[
            (4, "não recebi|ainda não recebi|não recebeu|prazo de entrega|pedido atrasado|pedido atrasou|código de rastreio|código de rastreamento
                |produto errado|item errado|itens errados|veio errado|veio errada|vieram errados|mandaram errado|tamanho errado|número errado|cor errada
                |modelo errado|pedido errado|produto trocado|veio trocado|faltou um item|faltando um item|faltando item|faltando itens
                |itens faltando|veio incompleto|veio faltando|pedido incompleto|perderam minha mala|perdeu minha mala|minha mala
                |saiu para entrega|entrega grátis|frete grátis|na portaria|caixa vazia|ponto de retirada|retirar na loja|meu endereço errado"),
            (5, "não chegou|ainda não chegou|nunca chegou|não chega|nada de chegar|até agora nada|onde está meu pedido|onde está o pedido
                |cadê meu pedido|cadê o pedido|cadê meu produto|cadê minha encomenda|meu pedido não chegou|status do pedido
                |status do meu pedido|acompanhar meu pedido|acompanhar o pedido|rastrear meu pedido|rastrear pedido|rastrear o pedido
                |recebi meu pedido|recebi o pedido|recebi o produto|recebi meu produto|recebi meu cartão|recebi o cartão|pedido chegou
                |produto chegou|cartão chegou|quando chega|vai chegar|pedido veio"),
        ],
    },
};
