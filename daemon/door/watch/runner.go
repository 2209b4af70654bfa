package watch

import (
	"context"
	"fmt"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
	"fifthcall/mailbox/message"
)

// Cursor tells the mailbox how far a folder was handled.
func Cursor(_ context.Context, r *book.Runner, folder string) (mailbox.Cursor, error) {
	var out mailbox.Cursor
	err := r.State.View(func(tx *store.Tx) error {
		c, err := tx.Cursor(folder)
		out = mailbox.Cursor{UIDValidity: c.UIDValidity, Last: message.IMAPUID(c.Last)}
		return err
	})
	return out, err
}

// Wanted are the addresses whose older mail is to be searched for.
func Wanted(_ context.Context, r *book.Runner) (out []string, err error) {
	err = r.State.View(func(tx *store.Tx) error {
		out, err = tx.Wanted()
		return err
	})
	return out, err
}

// Account is the desk's mailbox, to act in: nobody is told of what is read.
func Account(r *book.Runner) (*mailbox.Watcher, error) {
	rs := r.Current()
	acct, err := IMAPAccount(r, &rs.Cfg)
	if err != nil {
		return nil, fmt.Errorf("desk %s: %w", r.Name, err)
	}
	own := map[string]bool{}
	for _, a := range rs.Cfg.Own() {
		own[a] = true
	}
	return &mailbox.Watcher{
		Account: acct, Own: func(a string) bool { return own[a] },
		Since:      func() time.Time { return r.Clock().Add(-time.Duration(rs.Cfg.History)) },
		SentFolder: rs.Cfg.Folders.Sent, Folders: rs.Cfg.Folders.Read,
		Poll: time.Duration(rs.Cfg.IMAP.Poll), IdleSent: rs.Cfg.IMAP.IdleSent, Log: r.Log,
	}, nil
}

// IMAPAccount is the login to the desk's mailbox.
func IMAPAccount(r *book.Runner, cfg *config.DeskConfig) (mailbox.Account, error) {
	a, err := cfg.IMAP.Account()
	a.Secret = SecretFor(r, &cfg.IMAP.SecretConfig)
	return a, err
}

// SMTPAccount is the login to the server that takes the desk's mail.
func SMTPAccount(r *book.Runner, cfg *config.DeskConfig) (mailbox.Account, error) {
	a, err := cfg.SMTP.Account()
	a.Secret = SecretFor(r, &cfg.SMTP.SecretConfig)
	return a, err
}
