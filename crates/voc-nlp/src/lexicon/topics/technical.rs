//! Technical: faults, outages, errors of apps and connections.

use super::lists::{TECHNICAL, TopicLists, TopicWords};

pub(super) static WORDS: TopicWords = TopicWords {
    topic: TECHNICAL,
    in_rows: Some(TECHNICAL),
    english: TopicLists {
        words: &[
            (3, "error errors bug bugs buggy crash crashes crashed crashing glitch glitches glitchy outage outages malfunction malfunctioning
                malfunctions troubleshoot troubleshooting reboot rebooted rebooting blackout"),
            (2, "slow slower broken freezes freezing frozen lag laggy lagging buffering buffers wifi internet router modem signal network connection
                connectivity disconnect disconnects disconnected disconnecting offline software hardware firmware install installation installing
                installed server servers website webpage app apps application screen laptop computer device devices bluetooth virus battery
                download downloading upload loading repair repairs repaired technical dropped speed speeds browser
                unresponsive declined cracked version bandwidth ethernet cable sync syncing broadband fibre 4g 5g latency unstable
                intermittent printer tablet reinstall reinstalled uninstall static voicemail"),
            (1, "stuck stopped fix fixed fixing phone system update updates updating failed fails failing freeze down site page tv power reset
                electricity coverage"),
        ],
        when_negated: (
            3,
            "work working works worked load loads open opens connect connects connecting respond responding function functioning start starts turn
            turns boot boots",
        ),
        phrases: &[
            (4, "stopped working|stops working|quit working|not working|does not work|won't work|wont work|doesn't work|isn't working
                |blue screen|black screen|white screen|blank screen|shut down|shuts down|timed out|times out|keeps crashing|keeps freezing
                |keeps dropping|keeps cutting out|no signal|no internet|no connection|no service|no power|no dial tone|power cut|power outage
                |wi fi|error message|error code|slow internet|out of service|cut out|cuts out|cutting out|went down|goes down|is down
                |are down|still down|been down|down again|site down|going down|call quality|sound quality|audio quality|video quality
                |picture quality|line quality|dropped calls|dropping calls|tech support|technical support|technical issue|technical issues
                |technical problem|technical problems|bad reception|poor reception|won't load|won't open|won't connect|won't start
                |won't turn on|can't connect|cannot connect|can't get online|line is dead|dead line|internet connection|lost connection
                |poor connection|factory reset|latest update|last update|the update"),
        ],
    },
    portuguese: TopicLists {
        words: &[
            (3, "erro erros bugad@ bugou bugando trava travando travou travad@ travamento falha falhas falhando falhou instabilidade
                instável apagão"),
            (2, "lento lenta lentos lentas lentidão lerd@ internet roteador modem sinal rede conexão caindo caiu cai cair caem
                servidor site aplicativo aplicativos app sistema tela celular computador notebook instalação instalar técnica conserto
                consertar consertaram manutenção bateria reiniciar reiniciei desconecta desconectou velocidade aparelho wifi fibra
                navegador baixar download mega megas conectad@ impressora oscilando oscila queda quedas"),
            (1, "atualização atualizar atualizei parou linha luz energia página telefone tv"),
        ],
        when_negated: (
            3,
            "funciona funcionam funcionou funcionando funcionar abre abrem abriu carrega carregam carregou conecta conectar conectou
            liga ligam responde pega roda",
        ),
        phrases: &[
            (4, "fora do ar|não funciona|parou de funcionar|sem sinal|sem internet|sem conexão|sem luz|sem energia|sem rede|sem linha
                |sem telefone|falta de luz|falta de energia|falta de sinal|faltou luz|faltou energia|queda de energia|queda de sinal
                |mensagem de erro|código de erro|dá erro|dando erro|deu erro|dá pau|deu pau|tela azul|tela preta|tela branca|cai toda hora
                |caindo toda hora|caiu o sinal|caiu a internet|cai direto|fica caindo|vive caindo|wi fi|suporte técnico|problema técnico
                |problemas técnicos|assistência técnica|defeito técnico|qualidade da ligação|qualidade do sinal|qualidade da chamada
                |qualidade da internet|ligação picotando|ligação cai|fecha sozinho|desliga sozinho|reinicia sozinho|não carrega|não abre
                |não conecta|não liga|linha muda|ficou muda"),
        ],
    },
};
