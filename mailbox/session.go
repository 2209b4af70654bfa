package mailbox

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"fifthcall/mailbox/message"
)

// session is one IMAP connection, owned by one goroutine.
type session struct {
	conn  *conn
	c     *imapclient.Client
	caps  imap.CapSet
	stir  chan struct{} // something happened in the selected folder
	stop  func() bool
	stray strays
	asked *pending // the FETCH that was sent ahead
}

// connect opens a connection and signs in. Errors wrap ErrSignIn if the server refused the
// name or secret. When ctx ends the connection is cut.
func connect(ctx context.Context, a *Account) (*session, error) {
	raw, err := a.Dial(ctx)
	if err != nil {
		return nil, err
	}
	var prefix []byte
	if a.Security == SecuritySTARTTLS {
		if raw, err = startTLS(ctx, a, raw); err != nil {
			return nil, err
		}
		prefix = []byte("* OK secured\r\n")
	}
	s := &session{conn: newConn(raw, prefix), stir: make(chan struct{}, 1)}
	// Client.Close hangs while a FETCH streams: cut the raw connection instead.
	s.stop = context.AfterFunc(ctx, func() { _ = raw.Close() })
	s.c = imapclient.New(s.conn, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(*imapclient.UnilateralDataMailbox) { s.stirred() },
		Expunge: func(uint32) { s.stirred() },
		Fetch:   s.stray.take,
	}})
	if err := s.signIn(ctx, a); err != nil {
		s.close()
		return nil, err
	}
	s.caps = s.c.Caps()
	s.conn.expect(rest)
	return s, nil
}

// startTLS upgrades by hand, so that our conn lies above TLS and sees what IMAP says (RFC 9051, 6.2.1).
func startTLS(ctx context.Context, a *Account, raw net.Conn) (net.Conn, error) {
	c := newConn(raw, nil)
	r := bufio.NewReaderSize(c, 4096)
	fail := func(err error) (net.Conn, error) {
		_ = raw.Close()
		return nil, fmt.Errorf("STARTTLS with %s: %w", a.Address(), err)
	}
	greeting, err := r.ReadString('\n')
	if err != nil {
		return fail(err)
	}
	if strings.HasPrefix(greeting, "* PREAUTH") || !strings.HasPrefix(greeting, "* OK") {
		return fail(fmt.Errorf("unexpected greeting"))
	}
	if _, err := c.Write([]byte("S1 STARTTLS\r\n")); err != nil {
		return fail(err)
	}
	for range 20 {
		line, err := r.ReadString('\n')
		if err != nil {
			return fail(err)
		}
		if strings.HasPrefix(line, "S1 ") {
			if !strings.HasPrefix(line, "S1 OK") || r.Buffered() > 0 {
				return fail(fmt.Errorf("the server refused: %s", strings.TrimSpace(line)))
			}
			return a.handshake(ctx, raw)
		}
	}
	return fail(fmt.Errorf("no answer"))
}

func (s *session) stirred() {
	select {
	case s.stir <- struct{}{}:
	default:
	}
}

func (s *session) signIn(ctx context.Context, a *Account) error {
	if err := s.c.WaitGreeting(); err != nil {
		return fmt.Errorf("greeting of %s: %w", a.Address(), err)
	}
	secret, err := a.Secret(ctx)
	if err != nil {
		return fmt.Errorf("secret for %s: %w", a.Username, err)
	}
	if a.OAuth2 {
		err = s.c.Authenticate(oauthClient(s.c.Caps(), a.Username, secret))
	} else if s.c.Caps().Has(imap.CapLoginDisabled) {
		err = s.c.Authenticate(sasl.NewPlainClient("", a.Username, secret))
	} else {
		err = s.c.Login(a.Username, secret).Wait()
	}
	var refused *imap.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused) && !temporaryRefusal(refused):
		return fmt.Errorf("%w by %s for %s: %s", ErrSignIn, a.Address(), a.Username, refused.Text)
	}
	return fmt.Errorf("sign in at %s: %w", a.Address(), err)
}

// temporaryRefusal tells a busy server from a wrong password (RFC 5530, and words of
// Gmail and Exchange, which send no code).
func temporaryRefusal(e *imap.Error) bool {
	switch e.Code {
	case imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeLimit, imap.ResponseCodeOverQuota, imap.ResponseCodeServerBug, imap.ResponseCodeContactAdmin:
		return true
	case imap.ResponseCodeAuthenticationFailed, imap.ResponseCodeAuthorizationFailed:
		return false
	}
	t := strings.ToLower(e.Text)
	for _, w := range []string{"too many", "temporar", "try again", "unavailable", "overquota", "bandwidth", "not connected", "timeout", "timed out", "rate limit"} {
		if strings.Contains(t, w) {
			return true
		}
	}
	return false
}

// oauthClient is OAUTHBEARER (RFC 7628) where offered, else XOAUTH2.
func oauthClient(caps imap.CapSet, user, token string) sasl.Client {
	if caps.Has(imap.AuthCap("OAUTHBEARER")) {
		return sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: user, Token: token})
	}
	return &xoauth2{user: user, token: token}
}

// xoauth2 is the mechanism of Google and Microsoft that preceded RFC 7628.
type xoauth2 struct{ user, token string }

func (x *xoauth2) Start() (string, []byte, error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next answers the server's error description with nothing, as the mechanism asks.
func (x *xoauth2) Next([]byte) ([]byte, error) { return nil, nil }

// close ends the connection without waiting for the server.
func (s *session) close() {
	s.stop()
	_ = s.conn.Close()
}

// busy lets the peer be silent for a minute at most until the returned function is called.
func (s *session) busy() func() {
	s.conn.expect(patience)
	return func() { s.conn.expect(rest) }
}

// identify sends ID (RFC 2971), without which some servers refuse to open a folder. Its
// reply upsets the library's later error texts, so it is sent only where it is asked for.
func (s *session) identify() {
	defer s.busy()()
	_, _ = s.c.ID(&imap.IDData{Name: "Fifthcall"}).Wait()
}

// examine opens a folder read-only.
func (s *session) examine(folder string) (*imap.SelectData, error) {
	defer s.busy()()
	for tried := false; ; tried = true {
		data, err := s.c.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
		if err == nil {
			select {
			case <-s.stir: // what SELECT itself reports is no news
			default:
			}
			return data, nil
		}
		if tried || !strings.Contains(strings.ToLower(err.Error()), "unsafe login") {
			return nil, fmt.Errorf("open folder %q: %w", folder, err)
		}
		s.identify()
	}
}

// strays collects FETCH data that the client could not match to a command under way: the
// UID came after the literal, or a message came in two pieces. It keeps them until they are
// claimed, whichever command they belong to.
type strays struct {
	mu  sync.Mutex
	col *collector
}

// maxStrays bounds what is kept: flag changes of other messages come this way, too.
const maxStrays = 10_000

func (st *strays) take(msg *imapclient.FetchMessageData) {
	// Held until the literal is read and stored: the client can't see the end of the
	// command before that, so whoever locks after the command finds the message.
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.col == nil || len(st.col.byUID) > maxStrays {
		st.col = newCollector(16)
	}
	st.col.read(msg)
}

// claim moves what came astray of the messages in uids to where it belongs.
func (st *strays) claim(uids []message.IMAPUID, to *collector) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.col == nil {
		return
	}
	for _, u := range uids {
		if m := st.col.byUID[u]; m != nil {
			delete(st.col.byUID, u)
			to.add(0, m)
		}
	}
}
