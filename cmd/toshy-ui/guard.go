package main

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"strings"
	"sync"
)

// The page can read keys and write rules, so only one browser of one user may use it:
//
//   - every connection belongs to this user, according to the kernel (see owner);
//   - a request names the address that we listen on, so that no host name of an attacker leads here;
//   - a request that another page has sent is refused, whatever it contains;
//   - a token opens one session, once. It is in a file that only this user can read, never in an address;
//   - a session has a cookie, which scripts do not see and other sites do not send, and a key, which the page keeps for
//     itself: cookies of 127.0.0.1 go to every port, the key to none but ours.
type guard struct {
	host string // address and port

	mu      sync.Mutex
	token   string // "" once it was used
	cookie  string
	pageKey string
}

// headers of each answer. Nothing is loaded from elsewhere, and no page may embed or store this one.
var headers = map[string]string{
	"Content-Security-Policy":      "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"X-Frame-Options":              "DENY",
	"Cache-Control":                "no-store",
	"Permissions-Policy":           "camera=(), microphone=(), geolocation=()",
}

func newGuard(host string) *guard { return &guard{host: host, token: rand.Text()} }

// openPath accepts the token. Only to this path may a page of another origin send a request: the file with the token.
const openPath = "/open"

// allow says whether to handle a request at all.
func (g *guard) allow(r *http.Request) (status int, why string) {
	if r.Host != g.host {
		return http.StatusMisdirectedRequest, "this is not the address of the page"
	}
	open := r.URL.Path == openPath && r.Method == http.MethodPost
	origin := r.Header.Get("Origin")
	if origin != "" && origin != "http://"+g.host && !(open && origin == "null") {
		return http.StatusForbidden, "another page has sent this"
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
	default:
		if !open {
			return http.StatusForbidden, "another page has sent this"
		}
	}
	if strings.HasPrefix(r.URL.Path, apiPath) && !g.session(r) {
		return http.StatusUnauthorized, "this page has no session: start toshy ui again"
	}
	return 0, ""
}

func same(a, b string) bool { return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// cookieName contains the port, because a browser sends the same cookies to all ports of 127.0.0.1: a second toshy-ui must not
// end the session of the first.
func (g *guard) cookieName() string { return "toshy-" + g.host[strings.LastIndexByte(g.host, ':')+1:] }

// session says whether a request comes from the page that was opened.
func (g *guard) session(r *http.Request) bool {
	c, err := r.Cookie(g.cookieName())
	g.mu.Lock()
	defer g.mu.Unlock()
	return err == nil && same(c.Value, g.cookie) && same(r.Header.Get("X-Toshy-Key"), g.pageKey)
}

// enter opens the session for whoever has the token.
func (g *guard) enter(token string) (c *http.Cookie, pageKey string, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !same(strings.TrimSpace(token), g.token) {
		return nil, "", false
	}
	g.token, g.cookie, g.pageKey = "", rand.Text(), rand.Text()
	return &http.Cookie{Name: g.cookieName(), Value: g.cookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode}, g.pageKey, true
}

func (g *guard) protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		if status, why := g.allow(r); status != 0 {
			http.Error(w, why, status)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}
