//! Account: login, passwords, personal data and access.

use super::lists::{ACCOUNT, TopicLists, TopicWords};

pub(super) static WORDS: TopicWords = TopicWords {
    topic: ACCOUNT,
    in_rows: Some(ACCOUNT),
    english: TopicLists {
        words: &[
            (3, "password passwords passcode passcodes pin login logins username usernames userid profile profiles signin"),
            (2, "account accounts access email emails registration register registered registering verification verify verified verifying
                identity identification id credentials locked unlock unlocked activate activated activation deactivate deactivated authentication
                authenticator 2fa mfa otp fraud fraudulent stolen lost routing reactivate recover restore hacked hacker phishing
                address settings newsletter newsletters beneficiary"),
            (1, "change changed delete deleted edit details permission permissions name surname blocked suspended privacy"),
        ],
        when_negated: (0, ""),
        phrases: &[
            (4, "log in|logged in|logging in|log into|logged out|log on|sign in|signed in|signing in|sign up|signing up|locked out|locked me out
                |reset my password|reset password|change my password|forgot password|forgot my password|forgotten my password|new password
                |e mail|email address|my email|user account|open an account|create an account|opened an account|new account|delete my account
                |my profile|my account details|account number|account access|access my account|into my account|phone number|mobile number
                |personal details|personal information|personal data|my data|my details|security question|security questions
                |security code|verification code|two factor|my name|last name|maiden name|date of birth|my address|new address|home address
                |billing address|shipping address|delivery address|changed my address|moved house|lost card|lost my card|stolen card|card was stolen|stole my card|card stolen
                |replacement card|identity theft|compromised card|transfer ownership"),
        ],
    },
    portuguese: TopicLists {
        words: &[
            (3, "senha senhas perfil perfis usuário usuários usuária token"),
            (2, "acesso acessar acessei acesse cadastro cadastros cadastrar cadastrad@ cadastrei cadastral cadastrais cpf
                verificação verificar autenticação bloquead@ bloqueio bloquear bloquearam desbloquear desbloqueio titular titularidade endereço
                logar logad@ deslogou biometria clonad@ clonaram hackead@ hackearam invadid@ invadiram fraude golpe email"),
            (1, "alterar alteração dados excluir nome sobrenome privacidade lgpd ativar desativar identidade"),
        ],
        when_negated: (0, ""),
        phrases: &[
            (3, "minha conta|na conta|da conta"),
            (4, "dados cadastrais|dados pessoais|meus dados|redefinir senha|redefinir a senha|redefinir minha senha|esqueci a senha
                |esqueci minha senha|trocar a senha|trocar senha|trocar minha senha|mudar a senha|mudar minha senha|alterar senha|alterar a senha
                |recuperar senha|recuperar a senha|recuperar minha senha|nova senha|recuperar minha conta|e mail|meu email|meu nome
                |código de verificação|código sms|código de segurança|reconhecimento facial|não consigo entrar|não consigo acessar
                |não consigo logar|acessar minha conta|acessar a conta|entrar na conta|entrar na minha conta|abrir uma conta|abrir conta
                |criar uma conta|criar conta|conta bloqueada|conta invadida|conta hackeada|conta suspensa|bloquearam minha conta
                |bloqueio da conta|excluir minha conta|apagar minha conta|cartão bloqueado|cartão clonado|perdi meu cartão|perdi o cartão
                |roubaram meu cartão|novo endereço|mudei de endereço|mudar o endereço|mudar meu endereço|atualizar endereço|endereço de entrega
                |número de telefone|número de celular|conta corrente"),
        ],
    },
};
