//! What Portuguese-speaking customers are after: unresolved states, requests, courtesy, sarcasm.

use crate::lexicon::Cue;

/// By name.
pub(super) const SETS: &[(&str, &str)] = &[
    (
        "#",
        "dois duas três quatro cinco seis sete oito nove dez onze doze treze quatorze catorze quinze dezesseis
        dezessete dezoito dezenove vinte trinta quarenta cinquenta sessenta noventa cem várias vários inúmeras
        inúmeros diversas diversos umas uns tantas tantos muitas muitos incontáveis",
    ),
    ("<tempo>", "hora horas dia dias semana semanas mês meses quinzena"),
    ("<minutos>", "minuto minutos min"),
    (
        "<dia>",
        "segunda terça quarta quinta sexta sábado domingo ontem anteontem janeiro fevereiro março abril maio junho
        julho agosto setembro outubro novembro dezembro natal",
    ),
    ("<não>", "não ñ nunca jamais"),
    (
        "<falha>",
        "trava travando travou travar cai caindo caiu falha falhando falhou desliga desligando desconecta
        desconectando reinicia reiniciando engasga congela congelando fecha fechando oscila oscilando vaza vazando
        esquenta superaquece quebra quebrando bugou buga emperra chia apita perde descarrega",
    ),
    (
        "<funciona>",
        "funciona funcionam funcionou funcionava abre abrem abriu carrega carregam carregou conecta conectam
        conectou pega toca liga acende lê imprime roda entra esfria gela responde atende atendem atenderam consigo
        consegui consegue dá dura durou respondem olharam olhou ouviu ouviram leu leram",
    ),
    (
        "<feito>",
        "resolvido resolvida resolveu resolveram estornado estornada estornou estornaram entregue entregaram
        entregou corrigido corrigida corrigiram consertado consertada consertaram devolvido devolvida devolveram
        devolveu cancelado cancelada cancelaram atualizado atualizada liberado liberada liberaram enviado enviada
        enviaram instalado instalada respondido respondida respondeu responderam retornou retornaram trocado
        trocada trocaram creditado creditada creditaram reembolsado reembolsaram reembolsou solucionado solucionada
        solucionaram chegou chegaram apareceu apareceram veio vieram ligou ligaram entrou normalizou normalizado
        voltou voltaram regularizado regularizada ajustado ajustada religado religada religaram processado
        processada feito feita concluído concluída prestado prestada cumprido cumprida cumpriram cumpriu recebi
        recebemos recebido localizado localizada baixado",
    ),
    (
        "<bom>",
        "simpático simpática educado educada atencioso atenciosa prestativo prestativa gentil eficiente útil claro
        clara profissional satisfatório satisfatória confiável agradável prático prática fácil rápido rápida
        satisfeito satisfeita impressionado impressionada competente ágil cordial confortável feliz contente legal
        bacana justo justa correto correta transparente intuitivo intuitiva cuidadoso cuidadosa solícito solícita
        acolhedor acolhedora limpo limpa bom boa adequado adequada aceitável",
    ),
];

/// Words and phrases by cue and valence.
pub(super) const CUES: &[(Cue, f32, &str)] = &[
    (
        Cue::Hint,
        0.0,
        "não adianta|duas vezes|toda vez|cada vez|alguém|tentei|já tentei|só chega|só chegam|a mais|devolver
            |devolução|retirem|débito|dívida|serasa|spc|protocolo|outra pessoa|esperava|aguardei|liguei|reclamei
            |cobrança|paguei|pago caro|pagando|prazo|visita|estorno|reembolso|quase|nem|sequer|sem|mês passado
            |semana passada|ano passado|meses|semanas|pendente|vencido|vencida|bloqueado|bloqueada|indisponível
            |nada|ninguém|ainda|mesmo assim|mais uma vez|deveria ter|já falei|continua|continuam|permanece
            |permanecem|novamente|até hoje|há anos|faz anos|desde então|supostamente",
    ),
    (
        Cue::Hint,
        -0.6,
        "prometeram|prometeu|prometido|prometida|disseram|alegaram|alegam|informaram|me informaram
            |me disseram|me falaram|precisei|deveria|deveriam|# vezes|# ligações|# protocolos|# e mails|# emails
            |# mensagens|# tentativas|# chamados|# visitas|# atendentes|há # <minutos>|supervisor|supervisora
            |gerente|ouvidoria|anatel|aneel|bacen|procon|cobrado|cobrada|cobraram|cobrando|passada|quero cancelar
            |cancelamento imediato|fazer o cancelamento|pedir o cancelamento|solicito o cancelamento|o robô",
    ),
    // What should be over is not.
    (
        Cue::Unresolved,
        -1.4,
        "parou de gelar|parou de esfriar|parou de carregar|parou de ligar|parou de aquecer|parou de abrir
            |parou de conectar|parou de responder|parou de entrar|parou de imprimir|parou de rodar|parou de tocar
            |já é o segundo|já é o terceiro|já é o quarto|é o terceiro|é o quarto|é o segundo|segundo protocolo
            |quarto protocolo|quinto protocolo|sem luz|sem gelar|sem funcionar|sem resolver
            |continua sem funcionar|há uma noite|# noites|noites sem|há # noites|me desse|me dê uma posição
            |dê uma posição|desse uma posição|me dar uma posição|uma posição|um retorno|dar um retorno
            |me dar um retorno|me retornem|retornem|alguma posição|alguma previsão|alguma resposta
            |alguma satisfação|alguém pode|alguém poderia|alguém me retorne|alguém entre em contato
            |pedem para aguardar|pedem pra aguardar|mandam aguardar|mandam esperar|pediram para aguardar
            |pediram pra aguardar|pediu para aguardar|pra eu aguardar|estou pagando|pagando por #|chegam #
            |chega #|só recebo|só recebi|recebi só|recebi apenas|veio só|veio apenas|descontado a mais
            |descontaram|descontou|descontaram a mais|debitaram|foi debitado|debitado duas vezes|valor descontado
            |devolver o valor|devolvam|de outra pessoa|de outro cliente|retirem meu nome|tirem meu nome
            |nome no serasa|nome sujo|negativado|negativada|negativaram|negativou|já foi paga|já foi pago
            |já está pago|já está paga|já estava pago|já paga|já quitei|já tentei de tudo|tentei de tudo
            |volta pra tela|volta para a tela|volta para o início|volta pro início|cobrança veio
            |cobrança continua|cobrança chegou|seria resolvido|seria resolvida|seria entregue|seria feito
            |seria enviado|seria feita|seria creditado|hoje é dia|e hoje já|já é dia|já passou|já passaram
            |passou o prazo|passou da data|nem para avisar|nem pra avisar|nem avisaram|nem avisou|nem ligaram
            |nem ligou|nem resposta|nem retorno|nem um pedido de desculpas|nem sinal|não entendo|não entendi
            |não faz sentido|não bate|não confere|não condiz|não corresponde|não procede|não está correto
            |não está certo|está errado|está errada|está incorreto|está incorreta|errado de novo|em vez de
            |ao invés de|devia|deviam|era dia|era hoje|era ontem|era às|ainda <não>|ainda sem|ainda nada
            |ainda estou sem|ainda estou|ainda tô|ainda estou esperando|ainda estou aguardando|ainda tô esperando
            |ainda espero|ainda aguardo|ainda aguardando|ainda aguardamos|ainda está|ainda consta|ainda aparece
            |ainda cobram|ainda continua|ainda em aberto|ainda pendente|ainda em análise|ainda com defeito
            |ainda com problema|ainda <não> <feito>|continua em aberto|continua aberto|continua aberta
            |continuam em aberto|continua sem|continuo sem|continuamos sem|continuam sem|continua igual
            |continua o mesmo|continua a mesma|continua do mesmo jeito|continua na mesma|continua fora
            |continua parado|continua parada|continua cobrando|continuam cobrando|continua vindo
            |continua chegando|continua caindo|continua travando|continua dando|continua aparecendo
            |continua pendente|continua bloqueado|continua bloqueada|continua errado|continua errada
            |continua ruim|continua lento|continua lenta|continua quebrado|continua quebrada|continua vazando
            |continua desligado|continua <não>|continua na fila|continua em análise|continua no mesmo
            |continuo esperando|continuo aguardando|continuo recebendo|continuo pagando|continuo na mesma
            |segue sem|seguimos sem|sigo sem|segue em aberto|segue aberto|segue pendente|segue o mesmo
            |segue na mesma|segue acesa|segue aceso|segue fora|segue igual|segue em análise|segue parado
            |segue parada|segue bloqueado|segue bloqueada|segue com defeito|sigo aguardando|sigo esperando
            |seguimos aguardando|permanece o mesmo|permanece a mesma|permanece igual|permanece sem
            |permanece em aberto|permanece pendente|permanece aberto|permanece fora|permaneço sem|até agora
            |até agora nada|até agora não|até o momento|até o presente momento|até hoje não|até hoje nada
            |até hoje sem|até hoje estou|até ontem|até a presente data|nada até agora|nada até hoje|nada ainda
            |nada mudou|nada foi feito|nada foi resolvido|nada aconteceu|nada resolvido|nada de resolver
            |nada de resposta|nada de retorno|nada do técnico|nada chegou|não chegou nada|e nada|e nada resolvido
            |mas nada|nada feito|não mudou nada|não resolveu nada|não resolveram nada|não adiantou
            |não adiantou nada|não saiu do lugar|na mesma|em análise|consta como entregue|consta como
            |consta em aberto|consta pendente",
    ),
    // Repeated contact.
    (
        Cue::Unresolved,
        -1.4,
        "já é a segunda|já é a terceira|já é a quarta|já é a quinta|é a segunda vez|é a terceira vez
            |é a quarta vez|é a quinta vez|é a sexta vez|é a décima vez|pela segunda vez|pela terceira vez
            |pela quarta vez|pela quinta vez|pela sexta vez|pela décima vez|pela enésima vez|segunda vez
            |terceira vez|quarta vez|quinta vez|sexta vez|sétima vez|oitava vez|décima vez|enésima vez
            |milésima vez|segundo técnico|terceiro técnico|segundo chamado|terceiro chamado|terceiro protocolo
            |terceira ligação|quarta ligação|quinta ligação|segunda ligação|terceira visita|segunda visita
            |terceiro e mail|terceira reclamação|de novo|outra vez|novamente o mesmo|novamente a mesma|todo mês
            |todo santo mês|todo santo dia|todo dia a mesma|sempre a mesma|sempre o mesmo|a mesma coisa
            |o mesmo problema|mesmo problema|mesmo erro|o mesmo erro|mesma resposta|a mesma resposta
            |mesma história|mesma desculpa|mesmo defeito|várias vezes|inúmeras vezes|diversas vezes
            |repetidas vezes|por diversas vezes|liguei # vezes|já liguei # vezes|já expliquei # vezes
            |já falei # vezes|já pedi # vezes|pedi # vezes|expliquei # vezes|falei # vezes|tentei # vezes
            |já tentei # vezes|transferiram # vezes|transferido # vezes|transferida # vezes|me transferiram
            |fui transferido|fui transferida|mandei # e mails|mandei # mensagens|enviei # e mails|abri # chamados
            |abri # protocolos|depois de # ligações|após # ligações|depois de # tentativas|após # tentativas
            |depois de # e mails|# vezes esse mês|# vezes este mês|# vezes hoje|# vezes essa semana
            |# vezes seguidas|# vezes já|mais de # vezes|umas # vezes|mais de # ligações|# protocolos abertos
            |já liguei|já reclamei|já abri|já mandei|já enviei|já expliquei|já pedi|já solicitei|já informei
            |já fiz tudo|já fiz de tudo|já fiz isso|já reiniciei|já troquei|já paguei|já cancelei|já devolvi
            |já entrei em contato|já fui à|já fui até|já passei|já perdi|já repeti|já são #|já foram #
            |já se passaram|já se passou|já deveria|já deu|já cansei|já estou cansado|já estou cansada|já não sei
            |repetir tudo|repetir a história|explicar tudo de novo|contar tudo de novo|expliquei tudo|cada hora
            |cada um fala|cada um diz|cada atendente|de setor em setor|de um setor|de um lado pro|um empurra
            |jogo de empurra|me jogam|ficam jogando|fica jogando|ficam me passando|voltou a dar|voltou a cair
            |voltou a acontecer|aconteceu de novo|acontece de novo|acontece toda|acontece sempre",
    ),
    // Waiting.
    (
        Cue::Unresolved,
        -1.4,
        "há # <tempo>|há mais de # <tempo>|há quase # <tempo>|há cerca de # <tempo>|faz # <tempo>
            |já faz # <tempo>|faz mais de # <tempo>|tem # <tempo>|já tem # <tempo>|tem mais de # <tempo>
            |mais de # <tempo>|quase # <tempo>|já são # <tempo>|já fazem # <tempo>|fazem # <tempo>
            |vai fazer # <tempo>|completou # <tempo>|# <tempo> e nada|# <tempo> esperando|# <tempo> aguardando
            |# <tempo> na fila|# <tempo> na linha|# <tempo> no telefone|# <tempo> sem|# <tempo> depois
            |# <tempo> parado|# <tempo> parada|# <tempo> de atraso|# <tempo> atrasado|# <tempo> atrasada
            |# <tempo> de espera|# <minutos> de espera|# <minutos> na linha|# <minutos> na fila
            |# <minutos> esperando|# <minutos> no telefone|# <minutos> de atraso|após # <tempo>
            |depois de # <tempo>|passaram # <tempo>|passados # <tempo>|espero há|aguardo há|esperando há
            |aguardando há|espero desde|aguardo desde|esperando desde|aguardando desde|estou aguardando
            |estou esperando|estamos aguardando|estamos esperando|tô esperando|tô aguardando|fico esperando
            |fiquei esperando|fiquei aguardando|ficamos esperando|esperei|esperei # <tempo>|esperei mais
            |esperando alguém|esperando o técnico|esperando a entrega|esperando uma resposta|esperando resposta
            |esperando retorno|aguardando o estorno|aguardando estorno|aguardando o reembolso|aguardando retorno
            |aguardando resposta|aguardando uma resposta|aguardando a entrega|aguardando solução|há semanas
            |há meses|há dias|há horas|há um mês|há uma semana|há muito tempo|há tempos|há mais de|faz semanas
            |faz meses|faz dias|faz horas|faz um mês|faz uma semana|faz tempo|faz muito tempo|mais de um mês
            |mais de uma semana|mais de uma hora|mais de um ano|uma hora na fila|uma hora na linha
            |uma hora esperando|a tarde inteira|a manhã inteira|o dia inteiro|o dia todo|a tarde toda
            |a manhã toda|a semana inteira|a semana toda|o mês inteiro|o final de semana inteiro
            |faltei ao trabalho|faltar ao trabalho|perdi o dia|perdi um dia|perder o dia|perdi a manhã
            |perdi a tarde|desmarcar|desde <dia>|desde o dia|desde o mês|desde a semana|desde a última
            |desde a primeira|desde o começo|desde o início|desde cedo|desde semana passada|foi <dia> passada
            |foi <dia> passado|isso faz|isso já|e até agora|vencido há|prazo venceu|prazo já|prazo passou
            |prazo estourou|prazo acabou|passou do prazo|fora do prazo|prazo era|o prazo era|estourou o prazo",
    ),
    // Promised, and not done.
    (
        Cue::Unresolved,
        -1.4,
        "me prometeram|vocês prometeram|foi prometido|que prometeram|me garantiram|combinado era|o combinado
            |conforme combinado|não foi o combinado|não foi isso|não era isso|não é isso|não é esse|não é essa
            |ficou de vir|ficou de ligar|ficou de retornar|ficaram de ligar|ficaram de retornar|ficaram de vir
            |ficou de resolver|ficaram de resolver|ficou de mandar|ficaram de mandar|ficou de passar
            |ficou de entregar|ficou combinado|ficou marcado|estava marcado|estava marcada|estava agendado
            |estava agendada|tinha agendado|era para ter|era pra ter|era para chegar|era pra chegar
            |era para estar|era pra estar|era para ser|era pra ser|deveriam ter|deveria estar|devia ter
            |deviam ter|teria que ter|não cumprem|não cumpre|não cumpriram|não cumpriu|não deram|não deu
            |não apareceu|não apareceram|não compareceu|não veio|não vieram|não ligou|não ligaram|não retornou
            |não retornaram|não responde|não respondem|não respondeu|não responderam|não atende|não atendem
            |não entregaram|não entregou|não devolveram|não estornaram|não cancelaram|não resolveram|não resolveu
            |não resolve|não resolvem|não foi <feito>|não foram <feito>|não <feito>|nunca <feito>|nem <feito>
            |nunca foi <feito>|não está <feito>|não estava <feito>|não consegui|não consigo|não conseguimos
            |não consegue|não conseguem|não me deixa|não deixa|não me deram|não me avisaram|não fui avisado
            |não fui avisada|não avisaram|não fui informado|não fui informada|não autorizei|não solicitei
            |não pedi|não contratei|não reconheço|não comprei|não assinei|não fiz essa|não usei|não uso
            |nunca contratei|nunca pedi|nunca assinei|nunca autorizei|nunca solicitei|nunca usei|sem ter
            |sem minha autorização|sem meu consentimento|sem consentimento|sem autorização",
    ),
    (
        Cue::Unresolved,
        -1.6,
        "ninguém retornou|ninguém retorna|ninguém ligou|ninguém me ligou|ninguém liga|ninguém respondeu
            |ninguém responde|ninguém atende|ninguém atendeu|ninguém resolve|ninguém resolveu|ninguém apareceu
            |ninguém aparece|ninguém veio|ninguém vem|ninguém sabe|ninguém soube|ninguém consegue
            |ninguém conseguiu|ninguém faz|ninguém fez|ninguém fala|ninguém ajuda|ninguém ajudou|ninguém explica
            |ninguém explicou|ninguém entende|ninguém me|ninguém me retornou|ninguém me responde
            |ninguém me atende|ninguém me explica|ninguém me ajuda|ninguém entrou em contato|ninguém deu
            |ninguém dá|ninguém quer|ninguém toma|ninguém tomou|ninguém avisou|ninguém passa|ninguém passou
            |ninguém vai|ninguém nunca|ninguém dá jeito|nenhum retorno|nenhuma resposta|nenhuma solução
            |nenhum contato|nenhum aviso|nenhuma previsão|nenhuma explicação|nenhuma posição|nenhuma satisfação
            |nenhum posicionamento|nenhum atendente|nenhum técnico|nenhum dos|nenhuma das|sem retorno
            |sem resposta|sem solução|sem posição|sem posicionamento|sem previsão|sem explicação
            |sem justificativa|sem aviso|sem aviso prévio|sem avisar|sem sucesso|sem nenhuma resposta
            |sem nenhum retorno|sem qualquer|sem contato|sem satisfação|sem internet|sem sinal|sem água
            |sem energia|sem telefone|sem linha|sem acesso|sem serviço|sem gás|sem conexão|sem tv|estou sem
            |estamos sem|fiquei sem|ficamos sem|fico sem|ficou sem|tô sem|me deixou sem|me deixaram sem
            |estava sem|cadê meu|cadê minha|onde está|onde foi parar|e meu dinheiro|quero meu dinheiro
            |meu dinheiro de volta|quero o reembolso|quero meu reembolso|quero o estorno|quero uma solução
            |quero uma resposta|quero uma posição|quero uma explicação|exijo|preciso de uma solução
            |preciso de uma resposta|preciso de uma posição|preciso disso resolvido|aguardo uma solução
            |aguardo solução|aguardo providências|aguardo uma posição|aguardo um posicionamento|peço providências
            |solicito providências|providências|tomar providências|providências cabíveis",
    ),
    // Money and faults.
    (
        Cue::Unresolved,
        -1.4,
        "cobrado duas vezes|cobrada duas vezes|cobraram duas vezes|cobrado # vezes|cobraram # vezes
            |cobrado a mais|cobrada a mais|cobraram a mais|cobrança duplicada|cobrança dupla|em duplicidade
            |cobrado em dobro|cobrança em dobro|fui cobrado|fui cobrada|fomos cobrados|estão cobrando
            |está cobrando|estão me cobrando|me cobraram|me cobrando|vocês cobraram|vieram cobrando|veio cobrando
            |veio cobrado|cobrança indevida|desconto indevido|débito indevido|valor errado|valor diferente
            |valor a mais|valor maior|valor acima|mais caro|mais cara|fatura errada|fatura veio|conta veio
            |veio errado|veio errada|vieram errados|veio faltando|veio quebrado|veio quebrada|veio com defeito
            |veio trocado|veio trocada|veio o errado|produto errado|tamanho errado|cor errada|endereço errado
            |nome errado|pedido errado|item errado|entregaram errado|mandaram errado|mandaram outro
            |mandaram o errado|troca errada|aumentou de novo|aumentou sem|aumento sem|aumentaram|subiu de novo
            |mais uma taxa|mais uma cobrança|mesmo depois|mesmo após|mesmo tendo|mesmo pagando
            |depois que cancelei|após o cancelamento|após cancelar|não serve|não funciona|não funcionam
            |não funcionou|não liga|não abre|não carrega|não conecta|não pega|não entra|não sai|não volta
            |não aparece|não aceita|não reconhece|não gela|não esfria|não esquenta|não carregam
            |parou de funcionar|deixou de funcionar|fora do ar|saiu do ar|cai toda|cai o tempo|caiu a ligação
            |cai a ligação|a ligação caiu|ligação caiu|ligação cai|a ligação cai|caiu em todas|desliga sozinho
            |desliga sozinha|deu erro|dá erro|dando erro|dá problema|deu problema|dando problema|deu defeito
            |deu pau|dá pau|tá fora|luz vermelha|tela preta|tela azul|mensagem de erro|código de erro|desapareceu
            |desapareceram|foi extraviado|foi extraviada|foi negado|foi negada|foi recusado|foi recusada|negaram
            |recusaram|foi cancelado sem|cancelaram sem|o serviço contratado não",
    ),
    // Courteous threats and disappointed expectations.
    (
        Cue::Unresolved,
        -1.4,
        "procurar o procon|acionar o procon|ir ao procon|no procon|procurar meus direitos|meus direitos
            |reclame aqui|na justiça|pequenas causas|medidas legais|medidas judiciais|medidas cabíveis
            |ação judicial|meu advogado|minha advogada|na anatel|na ouvidoria|órgãos competentes
            |defesa do consumidor|código de defesa|vou processar|vou cancelar|vou ter que cancelar
            |terei que cancelar|penso em cancelar|pensando em cancelar|quero cancelar tudo|mudar de operadora
            |trocar de operadora|mudar de banco|trocar de banco|outra operadora|outro banco|outra empresa
            |concorrência|concorrente|se não resolverem|se não for resolvido|se isso não|caso não|caso contrário
            |falar com um supervisor|falar com o supervisor|falar com a supervisora|falar com o gerente
            |falar com um gerente|falar com alguém|falar com um humano|falar com uma pessoa
            |falar com o responsável|esperava mais|eu esperava mais|esperava outra|esperava um pouco mais
            |esperava melhor|esperava bem mais|não esperava isso|muito abaixo|abaixo do esperado
            |abaixo da expectativa|aquém|aquém do esperado|deixa a desejar|a desejar|poderia ser melhor
            |podia ser melhor|poderiam melhorar|precisa melhorar|precisam melhorar|tem que melhorar
            |deveria ser melhor|já foi melhor|já foi bom|já foram bons|já foi boa|era bom|era melhor antes
            |antes era melhor|piorou|só piora|cada vez pior|está cada vez|diminuiu|custava avisar|custava nada
            |não custava|custa muito|custa responder|é pedir muito|é pedir demais|difícil assim|tão difícil
            |o mínimo|no mínimo|seria o mínimo|com todo o respeito|com todo respeito|alguém pode me explicar
            |alguém me explica|alguém pode explicar|alguém pode me dizer|alguém sabe quando|alguém vai
            |alguém pode resolver|podem me explicar|pode me explicar|gostaria de entender
            |gostaria de entender o motivo|queria entender|quero entender|qual o motivo|por qual motivo
            |por que motivo|por que razão|por que fui|por que estou|por que ainda|por que não|até quando
            |quanto tempo mais|quantas vezes|quantos dias mais|quantas ligações|quando vão|quando vocês vão
            |quando pretendem|vão resolver quando|pelo visto|ao que parece|parece que ninguém|não é a primeira
            |não foi a primeira|não vale nem|não vale|não compensa|fui obrigado|fui obrigada|obrigado a pagar
            |obrigada a pagar|fui forçado|me senti|me sinto|sem opção|sem saída|só que aqui|só que não chegou
            |só que não funciona|só que ninguém|só que o problema|só que até|registrar minha insatisfação
            |registrar uma reclamação|registrar reclamação|fazer uma reclamação|abrir uma reclamação
            |minha reclamação|formalizar|lamento informar|lamento ter|lamentavelmente|infelizmente o problema
            |infelizmente não|infelizmente nada|infelizmente continua|infelizmente ainda",
    ),
    (
        Cue::Request,
        0.0,
        "por favor|por gentileza|gentileza|eu gostaria|eu queria|queria saber|gostaria de saber|queria
            |gostaria|poderia|poderiam|teria como|seria possível|quais documentos|onde encontro|preciso atualizar
            |preciso alterar|preciso trocar|preciso mudar|preciso saber|quero saber|quero alterar|quero trocar
            |quero mudar|quero agendar|solicito|solicitamos|encaminho|segue em anexo|segue anexo|seguem em anexo
            |segue anexa|em anexo|favor enviar|favor alterar|favor atualizar|favor confirmar|favor informar|favor
            |atenciosamente|cordialmente|att|prezados|prezado|prezada|prezados senhores|à disposição
            |fico à disposição|aguardo retorno|fico no aguardo|no aguardo|pode ser|pode agendar|pode confirmar
            |confirmo|venho por meio|venho solicitar|venho por meio desta|me informe|me informem|me envie
            |me enviem|me mande|me passa|me manda",
    ),
    (
        Cue::Courtesy,
        2.0,
        "obrigado|obrigada|obg|obgd|obrigados|obrigadas|grato|grata|agradeço|agradecemos|brigado|brigada|vlw
            |muito obrigado|muito obrigada",
    ),
    (
        Cue::Courtesy,
        1.0,
        "desde já agradeço|agradeço desde já|desde já obrigado|desde já obrigada|obrigado desde já
            |obrigada desde já|desde já grato|desde já grata|agradeço a atenção|agradeço pela atenção
            |obrigado pela atenção|obrigada pela atenção|obrigado pelo retorno|obrigada pelo retorno
            |agradeço o retorno|agradeço pelo retorno|agradeço o contato|obrigado pelo contato
            |obrigada pelo contato|obrigado pela resposta|obrigada pela resposta|agradeço a resposta
            |agradeço a compreensão|obrigado pela compreensão|obrigada pela compreensão|obrigado por responder
            |obrigada por responder|grato pela atenção|grata pela atenção|ficaria grato|ficaria grata|agradeceria
            |de antemão agradeço|antecipadamente",
    ),
    (
        Cue::Sarcasm,
        -2.2,
        "só que não|sqn|parabéns hein|parabéns hem|parabéns pela incompetência|parabéns pelo descaso
            |parabéns pela falta|parabéns aos envolvidos|parabéns pela demora|parabéns por estragar
            |parabéns por perder|parabéns pela bagunça|parabéns pelo péssimo|hein|hem|obrigado por nada
            |obrigada por nada|obg por nada|valeu por nada|grato por nada|grata por nada|muito obrigado por nada
            |muito obrigada por nada|agradeço por nada|obrigado por estragar|obrigada por estragar
            |obrigado por me fazer|obrigada por me fazer|tá de brincadeira|tão de brincadeira
            |estão de brincadeira|está de brincadeira|só pode ser brincadeira|deve ser brincadeira|é brincadeira
            |é brincadeira né|brincadeira né|de brincadeira|brincadeira de mau gosto|brincadeira tem hora
            |só pode ser piada|só pode ser zoeira|tá de sacanagem|tão de sacanagem|tá de zoeira|tá zoando
            |tão zoando|tá de palhaçada|virou piada|virou bagunça|virou palhaçada|é uma piada|é piada|que piada
            |piada pronta|parece piada|me poupe|me poupem|faça me o favor|conta outra|acredite quem quiser
            |quem diria|que surpresa|para surpresa|pra surpresa|como sempre né|claro que não|lógico que não
            |que beleza né|que maravilha né|que ótimo né|que legal né|bacana né|lindo né|bonito né|bonito hein
            |que coisa linda né|muito bonito|só levou # <tempo>|só demorou # <tempo>|precisou de # ligações
            |bastaram # ligações|foram só # ligações|apenas # ligações|vai vendo|aí sim hein|tá bom né|tá serto
            |aham sei|sei sei|arrã|especialistas em enrolar|merecem um prêmio|merece um prêmio|prêmio de pior",
    ),
];
