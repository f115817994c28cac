package control

import (
	"net"

	"golang.org/x/time/rate"
)

// A user has the limits that all connections of one user share.
type user struct {
	conns int
	rate  *rate.Limiter
	bytes *rate.Limiter // of agents' messages
}

// rateBurst is the number of requests in a burst.
const rateBurst = 50

// enter counts a connection; nil: there are too many. Other users' connections (one person may have many uids, subuid(5))
// take no place from the served user.
func (s *Server) enter(p Peer, conn *net.UnixConn) *user {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[p.UID]
	if u == nil {
		s.forgetUsers()
		u = &user{rate: rate.NewLimiter(MaxRate, rateBurst), bytes: rate.NewLimiter(agentRate, MaxConfig+agentWeight)}
		s.users[p.UID] = u
	}
	if p.UID != 0 && (u.conns >= MaxPerUser || s.total >= MaxClients && s.access(p, "monitor") != nil) {
		return nil
	}
	s.total++
	u.conns++
	s.conns[conn] = p
	return u
}

func (s *Server) leave(p Peer, conn *net.UnixConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total--
	s.users[p.UID].conns--
	delete(s.conns, conn)
}

// forgetUsers forgets users without a connection once there are many of them: a user who reconnects at once must not get a
// fresh limit.
func (s *Server) forgetUsers() {
	if len(s.users) < MaxClients {
		return
	}
	for uid, u := range s.users {
		if u.conns == 0 {
			delete(s.users, uid)
		}
	}
}
