//! Quality: goods that are defective, badly made, or good.

use super::lists::{QUALITY, TECHNICAL, TopicLists, TopicWords};

pub(super) static WORDS: TopicWords = TopicWords {
    topic: QUALITY,
    in_rows: Some(TECHNICAL),
    english: TopicLists {
        words: &[
            (3, "defective faulty defect defects flimsy shoddy quality durable durability sturdy craftsmanship workmanship stitching seam seams
                fabric scratched dented torn ripped rotten moldy mouldy stale stained rusted rusty counterfeit knockoff undercooked
                overcooked soggy tasteless tasty delicious peeled peeling faded fraying"),
            (2, "damaged material materials leaks leaking leaked leaky broke fake spoiled taste tasted tastes flavor flavour smell smells
                smelled fits comfortable uncomfortable waterproof plastic leather zipper sole wobbly scratch scratches crooked
                shrank shrunk expired snapped cracks handmade"),
            (1, "food meal worn wears fit made texture"),
        ],
        when_negated: (0, ""),
        phrases: &[
            (4, "poorly made|badly made|well made|cheaply made|beautifully made|cheaply built|well built|badly built|poorly designed
                |well designed|build quality|poor quality|bad quality|high quality|good quality|great quality|excellent quality|low quality
                |cheap quality|terrible quality|quality product|quality of the product|product quality|cheap plastic|cheap material|feels cheap
                |feels flimsy|looks cheap|great product|good product|amazing product|excellent product|terrible product|bad product|awful product
                |horrible product|wonderful product|quality control|fell apart|falls apart|falling apart|fallen apart|came apart|coming apart
                |came off|fell off|broke after|broke within|wears out|wore out|worn out|not as described|as described|as pictured
                |as advertised|like the picture|like the photo|in the picture|true to size|runs small|runs large|too small|too big|too tight
                |arrived broken|arrived damaged|came broken|came damaged|out of the box|after one wash|first wash|in the wash|after two weeks|past its date"),
        ],
    },
    portuguese: TopicLists {
        words: &[
            (3, "qualidade defeituos@ estragad@ mofad@ rasgad@ arranhad@ amassad@ riscad@ descosturad@ descosturou desbotou desbotad@ durável
                duráveis durabilidade resistente resistentes acabamento tecido falsificad@ pirata piratas vagabund@ azed@ podre podres
                saboros@ gostos@ delicios@ encolheu descascou descascando descolou descolando"),
            (2, "defeito defeitos quebrad@ quebrou quebraram quebra material materiais frágil frágeis fals@ sabor gosto cheiro comida rasgou
                soltou soltando costura plástico couro confortável desconfortável danificad@ vazando vazamento rachad@ rachou manchad@ enferrujad@
                enferrujou cru duros"),
            (1, "produto produtos garantia peça peças tamanho"),
        ],
        when_negated: (0, ""),
        phrases: &[
            (4, "mal feito|mal feita|mal feitos|bem feito|bem feita|bem acabado|mal acabado|má qualidade|baixa qualidade|boa qualidade|ótima qualidade|péssima qualidade
                |alta qualidade|excelente qualidade|qualidade do produto|controle de qualidade|com defeito|veio com defeito|chegou com defeito
                |defeito de fabricação|defeito de fábrica|veio quebrado|veio quebrada|chegou quebrado|chegou quebrada|veio danificado
                |chegou danificado|veio rasgado|veio rasgada|produto quebrado|produto vencido|produto ruim|produto bom|ótimo produto|bom produto
                |excelente produto|péssimo produto|produto excelente|produto maravilhoso|produto péssimo|comida fria|chegou fria|chegou frio|veio frio
                |veio fria|diferente da foto|diferente do anúncio|diferente do anunciado|igual à foto|como na foto|não presta|na primeira lavagem
                |primeiro uso|primeira vez que usei|dias de uso|mês de uso|semana de uso|meses de uso|semanas de uso|primeira semana
                |fora da validade|prazo de validade"),
        ],
    },
};
