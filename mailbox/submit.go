package mailbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/wneessen/go-mail/smtp"
)

// Fate is what became of a submission.
type Fate int

// The fates. Only Uncertain leaves open whether the mail went out: the connection broke after
// its end was sent and before the server's answer.
const (
	Accepted Fate = iota
	Rejected      // refused for good (5xx)
	Retry         // refused for now, or not reached: nothing went out
	Uncertain
)

// submitPatience is how long the server may take over the end of a mail (RFC 5321, 4.5.3.2.6).
const submitPatience = 10 * time.Minute

// Submit hands a complete mail to the submission server (RFC 6409). commit is called right
// before the content goes out, when the server has accepted sender and recipients: from then
// on a crash leaves the fate uncertain. All recipients are taken, or none.
func (a *Account) Submit(ctx context.Context, from string, to []string, data []byte, commit func() error) (Fate, error) {
	c, err := a.submission(ctx)
	if err != nil {
		return Retry, err // whatever is wrong so far, it isn't the mail
	}
	defer func() { _ = c.Close() }()
	if err := c.Mail("<" + from + ">"); err != nil {
		return fateOf(err), fmt.Errorf("%s refused the sender %s: %w", a.Address(), from, err)
	}
	for _, addr := range to {
		if err := c.Rcpt("<" + addr + ">"); err != nil {
			return fateOf(err), fmt.Errorf("%s refused the recipient %s: %w", a.Address(), addr, err)
		}
	}
	if err := commit(); err != nil {
		return Retry, err
	}
	w, err := c.Data()
	if err != nil {
		return fateOf(err), fmt.Errorf("%s: DATA: %w", a.Address(), err)
	}
	if _, err := w.Write(data); err != nil {
		return Retry, fmt.Errorf("%s: the connection broke before the mail's end: %w", a.Address(), err)
	}
	if err := w.Close(); err != nil {
		if f := fateOf(err); f != Retry || isReply(err) {
			return f, fmt.Errorf("%s refused the mail: %w", a.Address(), err)
		}
		return Uncertain, fmt.Errorf("%s: the connection broke behind the mail's end: %w", a.Address(), err)
	}
	_ = c.Quit()
	return Accepted, nil
}

func isReply(err error) bool {
	var reply *textproto.Error
	return errors.As(err, &reply)
}

// fateOf tells a refusal for good from one for now; whatever isn't the server's word is for now.
func fateOf(err error) Fate {
	var reply *textproto.Error
	if errors.As(err, &reply) && reply.Code >= 500 {
		return Rejected
	}
	return Retry
}

// submission is a signed-in connection to the submission server.
func (a *Account) submission(ctx context.Context) (*smtp.Client, error) {
	raw, err := a.Dial(ctx)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	_ = raw.SetDeadline(time.Now().Add(submitPatience))
	c, err := smtp.NewClient(&watchedConn{raw, stop}, a.Host)
	if err != nil {
		_ = raw.Close()
		return nil, fmt.Errorf("greeting of %s: %w", a.Address(), err)
	}
	if err := a.greet(ctx, c); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// watchedConn ends the watch over its context when it is closed.
type watchedConn struct {
	net.Conn
	stop func() bool
}

func (w *watchedConn) Close() error {
	w.stop()
	return w.Conn.Close()
}

func (a *Account) greet(ctx context.Context, c *smtp.Client) error {
	if err := c.Hello("localhost"); err != nil {
		return fmt.Errorf("%s: EHLO: %w", a.Address(), err)
	}
	if a.Security == SecuritySTARTTLS {
		if err := c.StartTLS(a.tlsConfig()); err != nil {
			return fmt.Errorf("%s: STARTTLS: %w", a.Address(), err)
		}
	}
	if a.Username == "" {
		return nil
	}
	secret, err := a.Secret(ctx)
	if err != nil {
		return fmt.Errorf("secret for %s: %w", a.Username, err)
	}
	_, mechs := c.Extension("AUTH")
	auth := smtp.PlainAuth("", a.Username, secret, a.Host, true) // what is under it is TLS, or loopback: the configuration sees to it
	switch {
	case a.OAuth2 && strings.Contains(mechs, "OAUTHBEARER"):
		auth = &bearer{a.Username, secret, a.Host, a.Port}
	case a.OAuth2:
		auth = smtp.XOAuth2Auth(a.Username, secret)
	case !strings.Contains(mechs, "PLAIN") && strings.Contains(mechs, "LOGIN"):
		auth = smtp.LoginAuth(a.Username, secret, a.Host, true)
	}
	if err := c.Auth(auth); err != nil {
		if isReply(err) {
			return fmt.Errorf("%w by %s for %s: %w", ErrSignIn, a.Address(), a.Username, err)
		}
		return fmt.Errorf("sign in at %s: %w", a.Address(), err)
	}
	return nil
}

// bearer is OAUTHBEARER (RFC 7628, 3.1).
type bearer struct {
	user, token, host string
	port              int
}

// Start begins the exchange with the token.
func (b *bearer) Start(*smtp.ServerInfo) (string, []byte, error) {
	return "OAUTHBEARER", fmt.Appendf(nil, "n,a=%s,\x01host=%s\x01port=%d\x01auth=Bearer %s\x01\x01", b.user, b.host, b.port, b.token), nil
}

// Next answers the server's error description with what lets it end the exchange (3.2.3).
func (b *bearer) Next(_ []byte, more bool) ([]byte, error) {
	if !more {
		return nil, nil
	}
	return []byte{1}, nil
}

// Append files a complete mail into a folder as received at the given time (RFC 9051,
// 6.3.12). seen marks it as read.
func (a *Account) Append(ctx context.Context, folder string, data []byte, at time.Time, seen bool) error {
	s, err := connect(ctx, a)
	if err != nil {
		return err
	}
	defer s.close()
	opt := &imap.AppendOptions{Time: at}
	if seen {
		opt.Flags = []imap.Flag{imap.FlagSeen}
	}
	_, err = s.append(folder, data, opt)
	return err
}
