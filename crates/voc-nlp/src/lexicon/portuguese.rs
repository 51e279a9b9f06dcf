//! Brazilian Portuguese: hand-made for customer service. Valences follow the scale of VADER (-4 to 4).

use super::Words;

pub(super) static WORDS: Words = Words {
    markers: &[
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
    ],
    telling: &[
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
    ],
    valences: &[
        (
            3.3,
            "excelente excelentes excelência maravilhos@ perfeit@ perfeitamente perfeição fantástic@ incrível incríveis espetacular
            espetaculares
            sensacional sensacionais extraordinári@ impecável impecáveis excepcional excepcionais magnífic@ espetáculo fenomenal divin@
            recomendadissimo recomendadissima lindíssim@ amou amaram adorou adoraram
            amei amo amando amamos adorei adoro adoramos amor apaixonad@ genial geniais",
        ),
        (
            2.7,
            "ótim@ feliz felizes felicidade melhor melhores encantad@ encantador encantadora surpreendente surpreendentes satisfeit@
            satisfação satisfatóri@ parabéns sucesso superou superei encantou encantei satisfeitíssim@ lind@ maravilha alegria alegre
            alegres show top divertid@ divertidíssim@ vitória
            venceu campeão campeã orgulho orgulhos@ fofo fofa fofos fofas gostos@ delícia delicios@ arrasou arrasa
            arrasando arrasaram mito diva rainha talento talentos@ emocionante emocionad@ maneir@ grátis obrigadão brilhante brilhantes",
        ),
        (
            2.0,
            "bom boa bons boas bem obrigad@ obg obgd agradeço agradecemos agradecid@ agradecer gostei gosto gostamos gostou gostando
            gosta gostam legal legais bacana bacanas gentil gentis gentileza educad@ atencios@ prestativ@ simpátic@ simpatia
            cordial cordiais eficiente eficientes eficiência eficaz eficazes rápid@ rapidez rapidinho rapidamente ágil ágeis agilidade
            profissionalismo confiável confiáveis confiança recomendo recomendad@ indico aprovad@ aprovo elogio elogios elogiar elogiei
            vale valeu beleza massa joia joinha prazer confortável confortáveis bonit@ bonitinh@ querid@ fácil fáceis facilidade facilmente
            facilita facilitou curti curto adorável amável amáveis carinho carinhos@ qualidade conquistou ganhei ganhou ganhar
            acolhedora acolhimento dedicação competente competentes competência qualificad@ capacitad@ agradáveis aconchegante
            saboros@ cheiros@ maci@ resistente resistentes durável duráveis nítid@ idône@ seriedade transparência gratidão lindinh@
            perfeitinh@ agilizou agilizaram resolutiv@ proativ@ facílim@ impecavelmente pontualmente eficazmente capricho caprichad@
            cativante comovente empolgante imperdível impressionou recomendável recomendáveis recomendaria recomendarei indicaria
            engraçad@ ri rindo risos rs haha kk kkk saudade abençoad@ bênção sortud@ sorte paz torcendo inteligente inteligentes amig@
            amizade lacrou lacrando hahaha hahahaha homenagem sabedoria exemplar fera merecid@ mereceu merece sonho esperança animad@
            ansios@ tranquil@",
        ),
        (
            1.3,
            "resolvid@ resolveu resolveram resolvemos solucionad@ solucionou solucionaram solução ajudou ajudaram ajudando útil úteis
            prátic@ praticidade
            clar@ clareza claramente corret@ corretamente segur@ segurança barat@ acessível econômic@ vantagem vantagens benefício
            benefícios
            melhorou melhoraram melhora melhorar pontual pontuais pontualidade organizad@ completo completa interessante interessantes
            compreensiv@ paciente pacientes paciência honest@ honestidade sincer@ respeito respeitos@ just@ novidade novidades promoção
            intuitiv@ potente potentes silencios@ cumpriu cumpriram voltarei voltaremos comprarei indicarei surpreendeu correspondeu
            presente presentes certinho certinha direitinho funcionou merecer",
        ),
        (0.8, "ok certo certa sim funcionando funciona razoável razoáveis adequad@ conseguiu consegui conseguiram modern@ grat@"),
        (0.0, ""),
        (
            -0.8,
            "demora demorad@ lento lentos lenta lentas lentidão devagar atraso atrasos atrasad@ atrasou atrasar difícil difíceis
            dificuldade dificuldades
            complicad@ confus@ confusão caro cara caros caras desculpe desculpa desculpas infelizmente estranh@ esquecer esqueceram
            esqueceu dúvida dúvidas cansad@
            aguardando esperando espera esperar demorando demorou demoraram demoro cancelar cancelei cancelamento cancelad@ falta faltam
            faltou
            faltando faltaram limitad@ barulho barulhent@ cansativ@ interminável intermináveis apertad@ frágil frágeis descarrega multa
            multas
            oscila oscilando oscilação previsível clichê arrastad@ monóton@ tedios@ entediante vencid@ incomplet@ divergente
            indisponível inacessível inviável impossibilitad@ chiado desanimad@ desanimador desisti desistir ultrapassad@
            defasad@ impaciente frieza",
        ),
        (
            -1.6,
            "problema problemas problemão erro erros errad@ errou erraram falha falhas falhou falhando falhar defeito defeitos defeituos@
            reclamação reclamações reclamar reclamei reclamo reclamando bug bugs bugad@ bugou trava travando travou travad@ travar
            travamento
            cai caindo caiu quebrad@ quebrou quebra quebrando danificad@ estragad@ estragou rasgad@ insatisfeit@ insatisfação
            insatisfatóri@ decepção decepções decepcionante decepcionantes decepciona chatead@ chato chata chatos chatas chatice triste
            tristes tristeza incomoda incomodad@
            incômodo preocupad@ preocupante preocupação transtorno transtornos prejuízo prejuízos perdi perdeu perderam perder perda
            indevid@
            indevidamente abusiv@ abuso ignorad@ ignoram ignorou ignoraram abandono abandonad@ burocracia burocrátic@ enrolação enrolando
            enrolam
            enrolad@ desrespeitad@ instável instáveis instabilidade precári@ fraco fraca fracos fracas sofrendo sofri sofre sofrer
            sofrimento dor medo
            culpa pena chorando chorei choro chorar doente morreu morte morto morta morrer morri morrendo matar guerra crise ameaça
            perigo perigos@ ladrão
            ladrões roubaram roubad@ roubo roubou negad@ negaram negou recusad@ recusou recusaram recusa bloquead@ bloqueou bloquearam
            desligaram desligou suspens@ mentira mentiras mentiu mentiram mentiros@ mentindo falso falsa falsos falsas enganad@ enganou
            enganaram
            enganosa enganoso enganação despreparad@ desorganizad@ desorganização bagunça sozinh@ saco azar desnecessári@ feio feia feios
            feias gafe bobagem besteira
            maluc@ extraviad@ extraviou extravio amassad@ arranhad@ manchad@ vazando vazou vazamento queimou queimad@ rachad@ trincad@
            descolou descolando soltou soltando desbotou desbotad@ encolheu desmontou emperrad@ emperrou reiniciando mofad@ mofo azed@
            riscad@ sumiu sumiram impossível impossíveis suj@ imund@ fedid@ fedorent@ desconfortável fajut@ falsificad@ falsificação
            engodo enrola enrolaram exorbitante exorbitantes
            extorsão descumpriu descumprem descumprid@ descumprimento desleal desonest@ desonestidade desinteresse desinteressad@ desatent@
            despreparo desqualificad@ desinformad@ desinformação ríspid@ arrogante arrogantes arrogância debochad@ deboche omissão omiss@
            desamparad@ negligenciad@ inoperante incorret@ inexistente tosc@ desagradável desagradáveis demoradíssim@ procon reclameaqui
            ciúme briga brigas brigando treta tretas sofrência falsidade infeliz perdid@ culpad@ ruído",
        ),
        (
            -2.4,
            "ruim ruins ruindade mal pior piores irritad@ irritante irritantes irrita irritou irritação raiva ódio odeio odiei odiando
            odeiam furios@ revoltad@
            revoltante revolta indignad@ indignação frustrad@ frustrante frustração frustrou decepcionad@ decepcionou decepcionei
            inaceitável inaceitáveis inadmissível inadmissíveis ridícul@ ridicularidade absurd@ descaso desrespeito desrespeitos@
            descaradamente grosseir@ gross@ grosseria maleducad@ ignorante ignorantes ignorância estúpid@ estupidez inútil inúteis
            incompetente incompetentes incompetência
            palhaçada palhaços vergonha vergonhos@ pesadelo desastre desastros@ caos lixo lixos porcaria droga merda bosta cacete fraude
            fraudes
            fraudulent@ golpe golpes golpista golpistas enganador picaretagem picareta safad@ sacanagem nojent@ desgraça desgraçad@
            arrependid@
            arrependi arrependo lamentável lamentáveis deplorável insuportável insuportáveis machista machistas aff affs porra embuste
            vexame estressad@ estressante estresse estressei estressou farta farto cansei imprestável
            roubalheira vagabund@ vagabundagem ludibriad@ farsa farsante lixão malfeit@ negligência negligente lesad@ caloteir@ calote
            humilhad@ humilhação humilhante constrangimento constrangedor
            constrangedora nojo burro burra burros burras idiota idiotas imbecil imbecis otário otária otários trouxa babaca babacas
            podre podres puta
            corrupto corruptos corrupta corrupção bandido bandidos crime criminosos assassino racista preconceito violência injustiça
            injust@ tragédia trágic@ crl pqp",
        ),
        (
            -3.2,
            "péssim@ horrível horríveis horroros@ horror terrível terríveis nojeira detestei detesto detestável detestáveis
            pavoros@ abominável desprezível lastimável",
        ),
    ],
    when_negated: &[
        (
            -1.6,
            "funciona funcionam funcionou funcionando funcionar funcione abre abrem abriu carrega carregam carregou conecta conectar
            conecto liga responde
            respondem respondeu responderam resolve resolvem resolveu resolveram resolver resolvido resolvida soluciona solucionou
            solucionaram
            atende atendem atendeu atenderam atender ajuda ajudam ajudou ajudaram consigo consegui consegue conseguem conseguiu
            conseguiram conseguimos
            recebi recebo recebemos recebeu chegou chega chegaram entregaram entregue devolveram devolvem devolveu estornaram
            dura duram durou apareceu apareceram veio vieram entende entendem cabe encaixa adianta adiantou aceito aceitam concordo serve
            respeitam respeita respeitaram cumpre cumprem cumpriu cumpriram abaixa entra pega volta ",
        ),
        (-2.2, "gostei gosto gostamos recomendo indico presta prestam aguento aguentamos volto compro vale compensa satisfeito satisfeita
            feliz bom boa"),
        (0.6, "ruim mal problema problemas demora demorou demorado caro cara difícil reclamar espera"),
        (0.0, "certo certa ok sim dúvida dúvidas obrigado obrigada paciência"),
    ],
    negators: "não nao nunca jamais nem nenhum nenhuma ninguém nada sem tampouco ñ falta faltou",
    boosters: &[
        (
            0.29,
            "muito muita muitos muitas mto mt mui super demais bastante extremamente totalmente completamente absolutamente realmente
            tão tao hiper mega ultra bem mais verdadeiramente profundamente altamente incrivelmente simplesmente sempre maior tamanho
            tanta tanto puta",
        ),
        (-0.29, "pouco pouca poucos poucas levemente quase meio meia relativamente parcialmente ligeiramente menos"),
    ],
    contrasts: "mas porém contudo todavia entretanto",
    phrases: &[
        (3.0, "nota dez|nota 10|nota mil|de parabéns|muito bem atendido|muito bem atendida|bem atendido|bem atendida|super recomendo
            |cinco estrelas|5 estrelas|sem palavras|superou minhas expectativas|superou as expectativas|superou todas as expectativas
            |acima das expectativas|acima do esperado|nota máxima|cada centavo|virei fã|gente boa|gente fina|salvou meu dia
            |salvaram meu dia|continuem assim|continue assim|sem igual
            |sem comparação|no capricho|mão na roda|caiu como uma luva"),
        (2.0, "vale a pena|valeu a pena|deu certo|tudo certo|sem problemas|sem problema|no prazo|antes do prazo|sem reclamações
            |nada a reclamar|me surpreendeu
            |boa sorte|que bom|de boa|tudo de bom|não vejo a hora|dentro do prazo|conforme o anunciado|conforme anunciado|conforme descrito
            |conforme a descrição|conforme o descrito|como esperado|igual da foto|igual a foto|de primeira|bem embalado|bem embalada
            |problema resolvido|problema solucionado|resolveu meu problema|resolveram meu problema|resolveu o problema|resolveram o problema
            |solucionou o problema|solucionou meu problema|atende bem|funciona bem|funcionando bem|sem defeito|sem defeitos|custo benefício
            |antes do previsto|nunca tive problema|nunca tive problemas|nunca deu problema|sem atraso|sem atrasos|sem demora|sem burocracia
            |sem enrolação|tudo funcionando|voltou a funcionar|está funcionando|foi além|muito além|de coração|caiu bem
            |compraria novamente|compro novamente|comprarei novamente|compraria de novo|bem feito|bem feita"),
        (-1.6, "ainda não|fora do ar|fora do prazo|até agora nada|nada resolvido|toda hora|de novo|outra vez|mais uma vez|sem resposta
            |sem retorno|sem solução
            |sem sinal|sem internet|sem acesso|sem respeito|sem compromisso com|sem condições|sem noção|sem cabimento|ninguém resolve
            |ninguém atende
            |ninguém responde|ninguém me|ninguém sabe|ninguém consegue|ninguém faz|ninguém resolveu|ninguém respondeu|ninguém apareceu
            |ninguém veio|ninguém ligou|várias vezes|inúmeras vezes|diversas vezes|cobrado duas vezes|cobrada duas vezes|cobraram duas vezes
            |cobrado a mais|cobrada a mais|cobraram a mais|cobrança duplicada|cobrança dupla|em duplicidade|cobrado em dobro|mais de um mês
            |mais de uma semana|há mais de|há semanas|há meses|faz semanas|faz meses|até hoje|e nada|quarta vez|quinta vez|décima vez
            |continuam cobrando|continua cobrando|na espera|quero meu dinheiro|horas no telefone|horas na linha
            |horas na fila|sem previsão|sem aviso|sem explicação|sem justificativa|sem autorização|não autorizei|não solicitei|não pedi
            |não contratei|não reconheço|cadê meu|cadê minha|outra operadora|trocar de operadora|mudar de operadora|na justiça
            |pequenas causas|medidas legais|do que reclamar|nada funciona|ninguém ajuda|ninguém explica|ninguém entende
            |não condiz|não corresponde
            |diferente do anunciado|diferente da foto|diferente do anúncio|diferente da descrição|diferente do que|meia boca
            |desligam na cara|na minha cara|cai a ligação|caiu a ligação
            |parou de funcionar|não tem como|muito tempo|horas esperando|dias esperando|terceira vez|segunda vez|não aguento|que pena
            |não dá"),
        (-2.6, "nunca mais|nota zero|nota 0|deixa a desejar|deixou a desejar|deixam a desejar|dor de cabeça|falta de respeito
            |falta de educação|perda de tempo
            |mal atendido|mal atendida|mal atendidos|mal feito|mal feita|mal acabado|mal acabada|mal embalado|mal educado|mal educada
            |a desejar|dinheiro fora|jogado fora|joguei fora|qualidade caiu|caiu a qualidade|má qualidade|baixa qualidade
            |qualidade inferior|pouco caso|jogo de empurra|de mal a pior|falta de compromisso
            |falta de consideração|falta de profissionalismo|falta de vergonha|falta de atenção|tempo perdido|jogar dinheiro fora
            |dinheiro jogado fora|me fizeram de|uma estrela|1 estrela|que saco|saco cheio
            |de saco cheio|pelo amor de deus|deus me livre|cara de pau|vai se|se foder|propaganda enganosa"),
        (0.0, "bom dia|boa tarde|boa noite|tudo bem|por favor|de nada|a cara|o cara|esse cara|os caras|cara a cara|mais ou menos|a pena
            |até mais|não obrigado|não obrigada|com certeza|na cara|um cara|meu cara|gosto de saber"),
    ],
    negator_phrases: "em vez de|ao invés de|deixou de|deixaram de|longe de",
    booster_phrases: &[(-0.29, "um pouco|mais ou menos|um tanto"), (0.29, "pra caramba|para caramba|com certeza")],
    sham_negations: "não só|não apenas|não somente|nem sempre foi|não é à toa|sem dúvida|sem dúvidas|não vejo a hora|nada como|não hesite",
};
