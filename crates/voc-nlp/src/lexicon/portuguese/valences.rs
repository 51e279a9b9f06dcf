//! Brazilian Portuguese words by valence.

/// From -4 to 4.
pub(super) const VALENCES: &[(f32, &str)] = &[
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
        "bom boa bons boas bem      agradecid@ agradecer gostei gosto gostamos gostou gostando
        gosta gostam legal legais bacana bacanas gentil gentis  educad@ atencios@ prestativ@ simpátic@ simpatia
        cordial cordiais eficiente eficientes eficiência eficaz eficazes rápid@ rapidez rapidinho rapidamente ágil ágeis agilidade
        profissionalismo confiável confiáveis confiança recomendo recomendad@ indico aprovad@ aprovo elogio elogios elogiar elogiei
        vale valeu beleza massa joia joinha prazer confortável confortáveis bonit@ bonitinh@ querid@ fácil fáceis facilidade facilmente
        facilita facilitou curti curto adorável amável amáveis carinho carinhos@ qualidade conquistou ganhei ganhou ganhar
        acolhedora acolhimento dedicação competente competentes competência qualificad@ capacitad@ agradáveis aconchegante
        saboros@ cheiros@ maci@ resistente resistentes durável duráveis nítid@ idône@ seriedade transparência gratidão lindinh@
        perfeitinh@ agilizou agilizaram resolutiv@ proativ@ facílim@ impecavelmente pontualmente eficazmente capricho caprichad@
        cativante comovente empolgante imperdível daora impressionou recomendável recomendáveis recomendaria recomendarei indicaria
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
    (0.8, "ok certo certa sim funcionando funciona razoável razoáveis adequad@ conseguiu consegui conseguiram modern@ "),
    (0.0, ""),
    (
        -0.8,
        "aí demora demorad@ lento lentos lenta lentas lentidão devagar atraso atrasos atrasad@ atrasou atrasar difícil difíceis
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
        injust@ tragédia trágic@ crl pqp cilada gambiarra perrengue furada lerdeza fuja fujam balela pilantras",
    ),
    (
        -3.2,
        "péssim@ horrível horríveis horroros@ horror terrível terríveis nojeira detestei detesto detestável detestáveis
        pavoros@ abominável desprezível lastimável",
    ),
];
