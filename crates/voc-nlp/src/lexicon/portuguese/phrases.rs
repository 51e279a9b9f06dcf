//! Brazilian Portuguese phrases by valence.

/// From -4 to 4.
pub(super) const PHRASES: &[(f32, &str)] = &[
    (
        3.0,
        "obrigado por tudo mesmo|nota dez|nota 10|nota mil|de parabéns|muito bem atendido|muito bem atendida
            |bem atendido|bem atendida|super recomendo|cinco estrelas|5 estrelas|sem palavras
            |superou minhas expectativas|superou as expectativas|superou todas as expectativas
            |acima das expectativas|acima do esperado|nota máxima|cada centavo|virei fã|gente boa|gente fina
            |salvou meu dia|salvaram meu dia|continuem assim|continue assim|sem igual|sem comparação|no capricho
            |mão na roda|caiu como uma luva",
    ),
    (
        2.0,
        "ainda bem|não poderia ter escolhido|não podia ter escolhido|do que me queixar
            |não tenho do que me queixar|nada do que me queixar|tão bem recebida|tão bem recebido|bem recebida
            |bem recebido|bem acolhida|bem acolhido|ficou animal|animal demais|ficou massa|ficou top|ficou show
            |ficou ótimo|ficou perfeito|ficou lindo|ficou linda|ficou maravilhoso|ficou excelente|ficou bom
            |ficou boa|ficou muito bom|não perde em nada|não deve nada|não fica devendo|sem um arranhão
            |escolha melhor|melhor escolha|manja muito|manja demais|sabe muito|sabem muito|entende muito
            |domina o assunto|tão ruim quanto|não foi tão ruim|não é tão ruim|não voltou mais|não aconteceu mais
            |não deu mais|nunca mais deu|nunca mais tive problema|nunca mais tive problemas|problema sumiu
            |sumiu o problema|parou de travar|um achado|que achado|é um achado|foi um achado|está aprovado
            |super aprovado|vale o preço|vale o investimento|vale cada real|recebi rápido|entrega rápida
            |atendimento rápido|atendimento top|atendimento nota|atendimento excelente|obrigada de verdade
            |obrigado de verdade|gratidão eterna|na primeira ligação|resolvido na primeira|de primeira mesmo
            |vale a pena|valeu a pena|deu certo|tudo certo|no prazo|antes do prazo|sem reclamações
            |nada a reclamar|me surpreendeu|boa sorte|que bom|tudo de bom|não vejo a hora|dentro do prazo
            |conforme o anunciado|conforme anunciado|conforme descrito|conforme a descrição|conforme o descrito
            |como esperado|igual da foto|igual a foto|de primeira|bem embalado|bem embalada|problema resolvido
            |problema solucionado|resolveu meu problema|resolveram meu problema|resolveu o problema
            |resolveram o problema|solucionou o problema|solucionou meu problema|atende bem|funciona bem
            |funcionando bem|sem defeito|sem defeitos|custo benefício|antes do previsto|nunca tive problema
            |nunca tive problemas|sem atraso|sem atrasos|sem demora|sem burocracia|sem enrolação|tudo funcionando
            |está funcionando|foi além|muito além|de coração|caiu bem|compraria novamente|compro novamente
            |comprarei novamente|compraria de novo|bem feito|bem feita",
    ),
    (
        -1.6,
        "ainda não|toda hora|sem compromisso com|na espera|horas no telefone|horas na linha|horas na fila
            |do que reclamar|nada funciona|diferente do anunciado|diferente da foto|diferente do anúncio
            |diferente da descrição|diferente do que|desligam na cara|na minha cara|não tem como|muito tempo
            |horas esperando|dias esperando|não aguento|não dá",
    ),
    (
        -2.6,
        "nunca mais|nota zero|nota 0|deixou a desejar|deixam a desejar|falta de educação|perda de tempo
            |mal atendido|mal atendida|mal atendidos|mal feito|mal feita|mal acabado|mal acabada|mal embalado
            |mal educado|mal educada|dinheiro fora|jogado fora|joguei fora|qualidade caiu|caiu a qualidade
            |má qualidade|baixa qualidade|qualidade inferior|de mal a pior|falta de compromisso
            |falta de consideração|falta de profissionalismo|falta de atenção|tempo perdido|jogar dinheiro fora
            |dinheiro jogado fora|me fizeram de|uma estrela|1 estrela|pelo amor de deus|cara de pau|vai se
            |se foder",
    ),
    (
        0.0,
        "bom dia|boa tarde|tudo bem|de nada|a cara|o cara|esse cara|os caras|cara a cara|a pena|até mais
            |não obrigado|não obrigada|com certeza|na cara|um cara|meu cara|gosto de saber",
    ),
    // Idioms.
    (
        3.0,
        "nunca fui tão bem|nunca fui tão bem atendido|nunca fui tão bem atendida|nunca fui tão bem tratado
            |nunca fui tão bem tratada|nunca vi tão bom|nunca vi um atendimento tão bom|nunca me senti tão bem
            |nunca estive tão satisfeito|nunca estive tão satisfeita|nunca mais fico sem|nunca mais troco
            |não troco por nada|não troco por nenhum|não troco por nenhuma|não largo mais|não vivo sem
            |não vivo mais sem|não fico sem|não poderia ser melhor|não podia ser melhor
            |não poderia ter sido melhor|não podia ter sido melhor|não poderia estar mais feliz
            |não poderia estar mais satisfeito|não poderia estar mais satisfeita|não podia estar mais feliz
            |não tem como ser melhor|não tem igual|não tem preço|não há igual|não existe melhor|não existe igual
            |não tenho palavras|não tenho o que reclamar|não tenho do que reclamar|não tenho nada a reclamar
            |não tem o que reclamar|não tenho queixas|não tenho nenhuma queixa|nenhuma queixa|nenhuma reclamação
            |zero reclamações|zero defeitos|só tenho a agradecer|só tenho elogios|só elogios|só posso elogiar
            |só alegria|só agradecimentos|só coisa boa|só gratidão|tenho só elogios|não me canso de elogiar
            |melhor impossível|impossível melhor|melhor de todos|melhor que já|o melhor|a melhor|os melhores
            |melhor coisa|melhor investimento|melhor compra|melhor atendimento|melhor da cidade|melhor do brasil
            |melhor do mercado|melhor clínica|melhor empresa|melhor loja|melhor banco|melhor app|tiro o chapéu
            |tiro meu chapéu|tirar o chapéu|de tirar o chapéu|tirou de letra|tiraram de letra|tira de letra
            |mandou bem|mandaram bem|mandou muito bem|mandaram muito bem|mandou super bem|mandam bem|manda bem
            |mandam muito bem|show de bola|um show|deu um show|deram um show|deu show|um espetáculo|um arraso
            |arrasou demais|arrasaram demais|vocês arrasam|vocês arrasaram|vocês são demais|vocês são 10
            |vcs são 10|vcs são demais|vcs são top|vocês são top|são nota 10|é top|top demais|muito top
            |top de linha|top das galáxias|top dos tops|de outro mundo|de outro nível|outro nível|outro patamar
            |de primeira linha|primeira qualidade|de primeiríssima|de primeira categoria|de ponta|mata a pau
            |matou a pau|mataram a pau|quebra tudo|quebrou tudo|quebrou um galho|quebra um galho|quebrou o galho
            |quebra o galho|quebraram um galho|quebrou meu galho|salvou minha vida|salvou a minha vida
            |salvou meu trabalho|salvou a pátria|salvou minha viagem|salvaram minha vida|salvaram minha viagem
            |salvou minha semana|salvaram a pátria|ganhou meu dia|ganhou um cliente|ganharam um cliente
            |ganharam uma cliente|ganharam minha confiança|conquistou minha confiança
            |conquistaram minha confiança|me conquistou|me conquistaram|me ganhou|me ganharam|virei cliente
            |sou fã|cliente fiel|cliente para sempre|cliente pra sempre|de olhos fechados
            |compro de olhos fechados|recomendo de olhos fechados|indico de olhos fechados|pode confiar
            |podem confiar|podem comprar sem medo|pode comprar sem medo|sem medo de ser|sem medo de comprar
            |compra sem medo|recomendo demais|recomendo muito|recomendo a todos|recomendo fortemente|super indico
            |indico demais|indico para todos|indico muito|recomendo sempre|fez a diferença|fizeram a diferença
            |faz toda a diferença|fez toda a diferença|faz a diferença|de mão cheia|de encher os olhos
            |enche os olhos|é uma benção|foi uma benção|deus abençoe|que deus abençoe|deus te abençoe
            |anjo da guarda|um anjo|uns anjos|verdadeiros anjos|um amor de pessoa|uns amores|uns queridos
            |uma querida|um querido|uma fofa|um doce|gente do bem|gente como a gente|de coração aberto
            |com todo o carinho|com todo carinho|com muito carinho|com carinho|com muita atenção|com toda atenção
            |com toda a atenção|com muita paciência|com toda paciência|com toda a paciência|com amor
            |me tratou super bem|me tratou muito bem|me trataram muito bem|me trataram bem|me tratou bem
            |fui super bem|fui muito bem|fui bem tratado|fui bem tratada|super bem atendido|super bem atendida
            |super atencioso|super atenciosa|super atenciosos|super rápido|super rápida|num piscar de olhos
            |em um piscar|rápido e rasteiro|chegou voando|foi um foguete|um foguete|ficou foda|ficou muito foda
            |muito foda|foda demais|são foda|vocês são foda|app foda|pica das galáxias|do caramba|bom pra caramba
            |bom pra caralho|bom pra cacete|bom demais|boa demais|bom demais da conta|trem bom|bão demais|é bão
            |bão demais da conta|da hora|muito da hora|mó da hora|mó bom|maneiro demais|massa demais
            |sinistro de bom|bem bolado|bem pensado|caiu do céu|veio do céu|na medida|na medida certa|sob medida
            |feito sob medida|vale cada centavo|valeu cada centavo|valeu cada|vale cada|vale muito a pena
            |valeu muito a pena|vale super a pena|super valeu|super valeu a pena|barato e bom|bom e barato
            |bom bonito e barato|custou barato|preço justo|ótimo preço|ótimo custo|superou o esperado
            |melhor do que eu esperava|melhor do que esperava|melhor que o esperado|melhor do que o esperado
            |mais do que eu esperava|antes do esperado|um alívio|que alívio|uma mão na roda|mão na massa|uma luva
            |como uma luva|está redondo|rodando liso|voando baixo|fluiu bem|tudo nos conformes|nos trinques
            |nos conformes|tudo em ordem|tudo ok agora|tudo resolvido|tudo certinho|tudo perfeito|tudo ótimo
            |tudo maravilhoso|deu tudo certo|deu super certo|funcionou direitinho|funcionando direitinho
            |funcionou de primeira|resolvido na hora|resolveu na hora|resolveram na hora|resolvido de primeira
            |resolveram de primeira|resolveram em #|resolveu em #|resolvido em #|resolveram rapidinho
            |resolveu rapidinho|resolveram tudo|resolveu tudo|resolveram rápido|resolveu rápido
            |resolveram o meu problema|resolveu o meu problema|estão de parabéns|está de parabéns|tá de parabéns
            |meus parabéns|parabéns ao|parabéns aos|parabéns pelo|parabéns pela|parabéns a todos
            |parabéns pelo atendimento|parabéns pela agilidade|registrar um elogio|fazer um elogio
            |deixar um elogio|deixar meu elogio|meus elogios|elogio à equipe|elogiar o atendimento
            |só para agradecer|só pra agradecer|para agradecer|pra agradecer|passando para agradecer
            |agradecer pelo|agradecer pela|agradecer ao|agradeço demais|agradeço muito|agradeço imensamente
            |agradeço de coração|agradeço imenso|muito agradecido|muito agradecida|eternamente grato
            |eternamente grata|muito grato|muito grata|imensamente grato|imensamente grata|obrigada por tudo
            |obrigado de coração|obrigada de coração|obrigado demais|obrigada demais|valeu demais|valeu mesmo
            |valeu pela ajuda|pela ajuda|pela força|pela agilidade|pela paciência|pelo carinho|pelo excelente
            |pela excelente|pelo ótimo|pela rapidez|por resolver|por resolverem|por me ajudar|por terem resolvido
            |mil vezes obrigado",
    ),
    (
        2.0,
        "mal posso esperar|mal vejo a hora|não é ruim|não é ruim não|não é nada ruim|não é mau|não é mal
            |não foi ruim|não achei ruim|nada mal|nada mau|não está mal|não decepciona|não decepcionou
            |não decepcionam|não me decepcionou|não me decepciona|nunca me decepcionou|nunca decepciona
            |nunca me deixou na mão|nunca me deixaram na mão|nunca deixou na mão|não me deixou na mão
            |nunca deu defeito|nunca deu problema|nunca tive problema nenhum|nunca tive nenhum problema
            |nunca tive um problema|nunca tive do que reclamar|nunca tive dor de cabeça|nunca precisei reclamar
            |não deu problema|não tive problema|não tive problemas|não tive nenhum problema
            |não tive problema nenhum|não tive problema algum|não tenho problema|não tenho problemas|não tem erro
            |não tem segredo|não tem mistério|não tem defeito|sem nenhum problema|sem problema nenhum
            |sem problema algum|sem nenhuma dificuldade|sem dificuldade|sem dificuldades|sem dor de cabeça
            |sem complicação|sem complicações|sem stress|sem estresse|sem sustos|sem susto|sem surpresas|sem fila
            |sem filas|sem espera|sem perder tempo|sem transtorno|sem transtornos|sem nenhum transtorno
            |sem frescura|sem mimimi|sem erro|sem erros|sem falhas|sem falha|sem travar|sem cair|sem cobrar nada
            |sem cobrar nada a mais|sem custo|sem custo adicional|nada a declarar de ruim|nada do que reclamar
            |<não> <falha> mais|<não> me <falha> mais|nunca mais <falha>|parou de <falha>|não deu mais problema
            |não deu mais erro|não dá mais problema|não dá mais erro|não tive mais problemas
            |não tive mais problema|não demorou|não demorou nada|nem demorou|não precisei esperar|não esperei
            |nem precisei esperar|nem esperei|não há do que reclamar|não arrependo|não me arrependo
            |não me arrependi|não vou me arrepender|não se arrepende|zero arrependimento|até que gostei
            |até que é bom|até que foi bom|até que funcionou|até que enfim|gostei bastante|gostei muito
            |gostei demais|adorei tudo|fiquei surpreso|fiquei surpresa|me surpreendeu positivamente
            |me surpreenderam|surpresa positiva|grata surpresa|foi uma surpresa boa|fiquei encantado
            |fiquei encantada|fiquei até emocionado|fiquei emocionado|fiquei emocionada|fiquei feliz
            |fiquei muito feliz|fiquei satisfeito|fiquei satisfeita|fiquei tranquilo|fiquei tranquila|bem melhor
            |muito melhor|bem mais rápido|muito mais rápido|mais prático|mais fácil|melhor que antes
            |melhorou muito|melhorou bastante|melhorou demais|cumpre o que promete|cumpre o prometido
            |cumpriu o prometido|cumpriram o prometido|cumpriram o prazo|cumpriu o prazo|faz o que promete
            |entrega o que promete|entregaram antes|entregou antes|entregue antes|chegou antes|chegou rapidinho
            |chegou rápido|chegou bem rápido|chegou certinho|chegou direitinho|chegou no prazo|chegou inteiro
            |chegou intacto|chegou perfeito|veio certinho|veio direitinho|veio perfeito|o estorno caiu
            |estorno caiu|caiu na conta|caiu hoje|reembolso caiu|voltou a funcionar|já voltou|já funciona
            |já está funcionando|já chegou|já resolveram|já resolveu|já foi resolvido|já está resolvido
            |está tudo certo|foi tudo bem|correu tudo bem|correu bem|deu bom|sucesso total|pode contar
            |posso contar|voltarei sempre|volto sempre|voltarei com certeza|com certeza voltarei
            |volto com certeza|compraria outra vez|faria de novo|comprarei de novo|compro de novo|compro sempre
            |recomendo para todos|até a próxima|finalmente resolveram|finalmente resolveu|enfim resolvido
            |me deram um mês grátis|mês grátis",
    ),
    (
        -2.2,
        "não acredito que|não dá pra acreditar|não dá para acreditar|tudo menos|gato por lebre|nem amarrado
            |nem amarrada|nem morto|nem morta|nem que a vaca|uma carroça|é uma carroça|pé atrás|com o pé atrás
            |com um pé atrás|empresa séria não|de mal gosto|de quinta|de quinta categoria|de última
            |de última categoria|de segunda categoria|quinto dos infernos|fim da picada|o fim da picada
            |fim do mundo|é o fim|sem futuro|sem jeito|não tem jeito|não tem mais jeito|dar murro em ponta
            |murro em ponta de faca|enxugar gelo|enxugando gelo|conversar com parede|falar com parede
            |falar com as paredes|falando com a parede|falar com robô|falando com robô|falando com um robô
            |pra inglês ver|para inglês ver|só no papel|só na propaganda|só na teoria|só papo|só propaganda
            |só fachada|de fachada|encheção de saco|chove não molha|chove e não molha|tapar o sol|tapar buraco
            |uma gambiarra|nas coxas|feito nas coxas|meia tigela|de meia tigela|de araque|pé de chinelo|xing ling
            |fundo do poço|fundo de quintal|de fundo de quintal|a vida inteira|vai tarde|já vai tarde
            |quebra cabeça|trem descarrilado|casa da mãe|casa da mãe joana|maior perrengue|passei perrengue
            |passei raiva|passando raiva|só passo raiva|só raiva|morrendo de raiva|com ódio|que ódio|que raiva
            |estou pistola|tô pistola|puto da vida|puta da vida|tô puto|estou puto|tiro no escuro|pior coisa
            |pior compra|pior investimento|pior escolha|maior erro|maior arrependimento|nunca vi pior
            |não podia ser pior|não poderia ser pior|não tem como ser pior|pior do mundo|pior do brasil
            |não posso mais esperar|não dá mais para esperar|não dá mais pra esperar|não aguento mais esperar
            |não aguento mais|não aguentamos mais|não dá mais|não suporto|não suporto mais|não quero mais
            |não volto|não volto mais|não volto nunca mais|não compro mais|não compro nunca mais|não recomendo
            |não recomendo para ninguém|não recomendo a ninguém|não recomendaria|não indico
            |não indico para ninguém|não comprem|não compre|não contratem|não contrate|não caiam|não caia nessa
            |não confio|não confio mais|não confiem|não percam tempo|não perca tempo|não perca seu tempo
            |não vale o preço|não vale um centavo|não vale nada|não presta|não prestam|não serve pra nada
            |não serve para nada|não serve de nada|não ajuda em nada|não ajudou em nada|não ajudaram em nada
            |não resolve nada|não resolvem nada|não faz nada|não fazem nada|não fizeram nada|não sabe nada
            |não sabem nada|não sabem|não estão nem aí|não está nem aí|nem aí|nem aí pro|nem um pouco
            |nem um pouco satisfeito|não gostei nem um pouco|não gostei nada|não gostei de nada|não gostei
            |não gosto|não gosto nada|não curti|não achei legal|não achei bom|não achei justo|não é justo
            |não é normal|não é certo|não é correto|não é possível|não tem cabimento|não tem condições
            |não tem lógica|não tem explicação|não tem desculpa|não foi nada <bom>|não é nada <bom>
            |não foram nada <bom>|não está nada <bom>|nem é <bom>|não é <bom>|não foi <bom>|não foi muito <bom>
            |não é muito <bom>|não fui <bom>|nada de bom|não é lá|não é lá essas|não é lá essas coisas
            |não é tudo isso|não é grande coisa|grande coisa|pouco <bom>|muito pouco <bom>|longe de ser <bom>
            |está longe de ser|longe de ser|longe disso|passou longe|mal <funciona>|mal dá|mal consigo
            |mal consegue|mal conseguia|mal me ouviu|mal me olhou|mal sabem|mal sabe|mal respondem
            |mal e porcamente|mal e mal|mal explicado|mal explicada|mal resolvido|mal resolvida|mal instalado
            |mal instalada|mal conservado|mal organizado|mal organizada|mal informado|mal informada|mal humorado
            |mal humorada|mal servido|mal tratado|mal tratada|só piorou|cada dia pior|pior impossível
            |pior atendimento|pior empresa|pior experiência|a pior|os piores|nunca fui tão mal
            |nunca fui tão mal atendido|nunca fui tão mal atendida|nunca vi igual|nunca vi tanta|nunca vi tanto
            |nunca vi coisa|nunca vi um atendimento tão ruim|nunca vi tamanha|nunca funcionou|nunca funciona
            |nunca resolvem|nunca resolve|nunca atende|nunca atendem|nunca respondem|nunca mais volto
            |nunca mais compro|nunca mais piso|nunca mais quero|nunca mais contrato|deixou muito a desejar
            |deixa muito a desejar|deixaram muito a desejar|deixaram a desejar|me deixou na mão
            |me deixaram na mão|deixou na mão|deixaram na mão|fiquei na mão|ficamos na mão|a ver navios
            |a deus dará|ao deus dará|chupando dedo|com cara de tacho|com a cara no chão|cara de tacho
            |cara de paisagem|cara de palhaço|me fizeram de palhaço|me fez de palhaço|me fazem de palhaço
            |me fazendo de palhaço|fazer de palhaço|feito palhaço|nariz de palhaço|me fizeram de bobo
            |me fizeram de idiota|me fazendo de idiota|me fazem de trouxa|me fez de trouxa|me fazendo de bobo
            |passou a perna|passaram a perna|me passaram a perna|passar a perna|me passou a perna|cai no golpe
            |caí numa|conto do vigário|uma cilada|é cilada|uma furada|é furada|era uma furada|uma fria|numa fria
            |uma roubada|que roubada|barca furada|canoa furada|uma bomba|é uma bomba|um abacaxi|um pepino
            |dor de cabeça|só me dá dor|só dor de cabeça|só dá dor de cabeça|só dá problema|só me dá problema
            |só problema|só problemas|só decepção|só desculpas|só desculpa|só enrolação|só enrolam|só me enrolam
            |só promessa|só promessas|promessa não cumprida|promessas não cumpridas|promessas vazias
            |conversa fiada|conversa mole|papo furado|conversa pra boi|pra boi dormir|história pra boi
            |blá blá blá|lenga lenga|empurra empurra|empurrando com a barriga|com a barriga
            |empurram com a barriga|fazer corpo mole|corpo mole|corpo fora|tira o corpo fora|tiram o corpo fora
            |lavou as mãos|lavaram as mãos|lava as mãos|lavam as mãos|fazem pouco caso|fez pouco caso
            |fizeram pouco caso|pouco caso|pouco se importam|pouco importa|tô nem aí|tão nem aí|deram as costas
            |virou as costas|viraram as costas|deu de ombros|má vontade|com má vontade|boa vontade zero
            |zero vontade|cara feia|cara amarrada|de cara amarrada|quatro pedras na mão|com quatro pedras
            |sem educação|sem educação nenhuma|sem nenhuma educação|sem respeito|sem nenhum respeito|sem preparo
            |sem noção|sem vergonha|sem vergonhice|sem compromisso|sem paciência|sem nenhuma paciência
            |sem caráter|sem cabimento|sem condições|sem sentido|sem pé nem cabeça|pé nem cabeça|sem graça
            |perdi a paciência|perdendo a paciência|já perdi a paciência|paciência acabou|minha paciência
            |minha paciência acabou|paciência tem limite|haja paciência|no limite|meu limite|no meu limite
            |gota d'água|a gota d'água|última gota|foi a gota|passou dos limites|passaram dos limites
            |tudo tem limite|saco cheio|de saco cheio|encheu o saco|enchendo o saco|enche o saco|que saco|tá osso
            |é osso|osso duro|tá tenso|é dose|tá dose|é fogo|tá difícil|tá feio|tá foda|que merda|uma merda
            |é uma merda|uma droga|uma porcaria|um lixo|um nojo|uma nojeira|uma vergonha|que vergonha
            |vergonha alheia|é uma vergonha|falta de vergonha|falta de respeito|total falta|falta de tudo
            |um absurdo|que absurdo|isso é um absurdo|um descaso|que descaso|total descaso|um desrespeito
            |que desrespeito|uma palhaçada|que palhaçada|um circo|uma bagunça|que bagunça|uma zona|uma zona total
            |uma novela|virou novela|uma via crucis|uma via sacra|via crucis|um parto|foi um parto|um sufoco
            |que sufoco|uma luta|um inferno|que inferno|virou um inferno|um pesadelo|um calvário|uma saga
            |um martírio|uma tortura|um sacrifício|chá de cadeira|de molho|esperando sentado|esperar sentado
            |criando raiz|a passo de tartaruga|passo de tartaruga|a passos de tartaruga|o barato saiu caro
            |barato saiu caro|barato que sai caro|o barato sai caro|saiu caro|sai caro|paguei caro|paga caro
            |custou caro|custa os olhos|os olhos da cara|olho da cara|um rim|uma facada|o preço é uma facada
            |preço salgado|salgada demais|caro demais|cara demais|muito caro|muito cara|jogar dinheiro no lixo
            |dinheiro no lixo|dinheiro no ralo|pelo ralo|foi pelo ralo|jogou no lixo|foi pro lixo|foi pro ralo
            |rasgar dinheiro|tempo e dinheiro|perdi meu tempo|perdendo meu tempo|perdi tempo|gastei à toa|à toa
            |em vão|tiro no pé|tiro pela culatra|deu ruim|deu zebra|deu errado|deu tudo errado|tudo errado
            |foi por água abaixo|água abaixo|foi pro brejo|pro brejo|pro saco|ladeira abaixo|um rolo|que rolo
            |propaganda enganosa|não é o que prometem|enrolaram enrolaram|me enrolando|me enrolaram|me enrolam
            |ficam me enrolando|estão me enrolando|tão me enrolando|me enganaram|fui enganado|fui enganada
            |fui lesado|fui lesada|fui roubado|fui roubada|fui maltratado|fui maltratada|fui humilhado
            |fui humilhada|fui ignorado|fui ignorada|me trataram mal|me tratou mal|fui mal atendido
            |fui mal atendida|fui mal tratado|fui mal tratada|me trataram como|trata o cliente como|deus me livre
            |cruz credo|fujam dessa|corre que é cilada|passem longe|passe longe|fiquem longe|fique longe
            |quero distância|nem de graça|nem pagando|nem se fosse|nem pintado|nem a pau|me arrependo
            |me arrependi|se arrependimento matasse|arrependimento matasse|me decepcionei|me decepcionou
            |me decepcionaram|fiquei decepcionado|fiquei decepcionada|muito decepcionado|muito decepcionada
            |que decepção|uma decepção|decepção total|não esperava|é um lixo|cuspir no prato|puta sacanagem
            |puta falta|puta descaso|puta serviço ruim",
    ),
    (
        -1.2,
        "meia boca|meia bomba|mais do mesmo|nada de mais|nada demais|nada de novo|tanto faz|deixa pra lá
            |fazer o quê|paciência né|uma pena|que pena|quem dera|quem me dera|se pelo menos|ao menos podiam
            |pelo menos podiam|podia ter avisado|podiam ter avisado|poderiam ter avisado|poderia ter avisado",
    ),
    (0.6, "sem problemas|sem problema"),
    (
        0.0,
        "pelo menos|ao menos|menos mal|mais ou menos|nem mais nem menos|como vai|com certeza sim|de boa
            |pode deixar|tá certo|tá bom|está bem|tudo bom|boa noite|ótimo dia|tenha um bom|tenha um ótimo
            |tenham um bom|bom final de semana|bom trabalho|boa semana|um bom dia|bom feriado|melhor horário
            |melhor forma|melhor dia|melhor maneira|qual o melhor|qual a melhor|qualidade de vida
            |prazo de entrega|boas festas|feliz natal|feliz ano novo|seja bem vindo|bem vindo|bem vinda|bem como
            |se bem|por bem|meu bem|não tem problema|sem dúvida nenhuma|de maior|maior de idade|presente contato
            |por meio do presente|o presente|seguro de vida|seguro do carro|seguro residencial|o seguro
            |meu seguro|do seguro|esclarecer uma dúvida|uma dúvida|tirar uma dúvida|tenho uma dúvida
            |tirar dúvidas|em caso de dúvida",
    ),
];
