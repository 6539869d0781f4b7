#include "unit/sctp_interop/usrsctp_peer.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/time.h>
#include <usrsctp.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

// The clock of usrsctp, which measures round trips and ages by it.
extern "C" int gettimeofday(struct timeval* time, void*) noexcept {
  const int64_t now = sluice::sctp::UsrsctpPeer::clock().count();
  time->tv_sec = now / 1'000'000;
  time->tv_usec = now % 1'000'000;
  return 0;
}

namespace sluice::sctp {
namespace {

constexpr uint16_t kPort = 5000;
constexpr uint32_t kMtu = 1188;

UsrsctpPeer* current = nullptr;
Micros virtual_now = 1s;

int output(void*, void* buffer, size_t length, uint8_t, uint8_t) {
  if (current != nullptr) {
    current->on_output({static_cast<const uint8_t*>(buffer), length});
  }
  return 0;
}

int receive(struct socket*, union sctp_sockstore, void* data, size_t length,
            struct sctp_rcvinfo info, int flags, void*) {
  if (data != nullptr && current != nullptr) {
    current->on_receive({static_cast<const uint8_t*>(data), length}, info, flags);
  }
  free(data);
  return 1;
}

sockaddr_conn address() {
  sockaddr_conn address{};
  address.sconn_family = AF_CONN;
  address.sconn_port = htons(kPort);
  address.sconn_addr = current;
  return address;
}

void set(struct socket* socket, int option, const void* value, size_t size) {
  ASSERT_EQ(usrsctp_setsockopt(socket, IPPROTO_SCTP, option, value, static_cast<socklen_t>(size)),
            0)
      << option << ": " << std::strerror(errno);
}

}  // namespace

UsrsctpPeer::UsrsctpPeer(uint16_t streams) : streams_(streams) {
  static const bool initialised = [] {
    usrsctp_init_nothreads(0, output, nullptr);
    usrsctp_sysctl_set_sctp_ecn_enable(0);
    usrsctp_sysctl_set_sctp_asconf_enable(0);
    usrsctp_sysctl_set_sctp_auth_enable(0);
    return true;
  }();
  (void)initialised;
  current = this;
  usrsctp_register_address(this);
}

UsrsctpPeer::~UsrsctpPeer() {
  close();
  usrsctp_deregister_address(this);
  current = nullptr;
}

void UsrsctpPeer::configure(struct socket* socket) {
  usrsctp_set_non_blocking(socket, 1);
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ASSERT_EQ(usrsctp_setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
  const int buffer = 2 << 20;
  ASSERT_EQ(usrsctp_setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer)), 0);
  ASSERT_EQ(usrsctp_setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer)), 0);
  const int on = 1;
  set(socket, SCTP_NODELAY, &on, sizeof(on));
  // Messages whole, never in parts.
  set(socket, SCTP_PARTIAL_DELIVERY_POINT, &buffer, sizeof(buffer));
  sctp_assoc_value value{.assoc_id = SCTP_ALL_ASSOC, .assoc_value = SCTP_ENABLE_VALUE_MASK};
  set(socket, SCTP_ENABLE_STREAM_RESET, &value, sizeof(value));
  sctp_initmsg init{};
  init.sinit_num_ostreams = streams_;
  init.sinit_max_instreams = streams_;
  set(socket, SCTP_INITMSG, &init, sizeof(init));
  for (const int type : {SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT, SCTP_STREAM_CHANGE_EVENT,
                         SCTP_SHUTDOWN_EVENT}) {
    sctp_event event{};
    event.se_assoc_id = SCTP_ALL_ASSOC;
    event.se_type = static_cast<uint16_t>(type);
    event.se_on = 1;
    set(socket, SCTP_EVENT, &event, sizeof(event));
  }
  sockaddr_conn local = address();
  ASSERT_EQ(usrsctp_bind(socket, reinterpret_cast<sockaddr*>(&local), sizeof(local)), 0);
}

void UsrsctpPeer::connect() {
  socket_ = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, receive, nullptr, 0, this);
  ASSERT_NE(socket_, nullptr);
  configure(socket_);
  sockaddr_conn remote = address();
  const int result = usrsctp_connect(socket_, reinterpret_cast<sockaddr*>(&remote), sizeof(remote));
  ASSERT_TRUE(result == 0 || errno == EINPROGRESS) << std::strerror(errno);
  sctp_paddrparams path{};
  std::memcpy(&path.spp_address, &remote, sizeof(remote));
  path.spp_flags = SPP_PMTUD_DISABLE;
  path.spp_pathmtu = kMtu;
  set(socket_, SCTP_PEER_ADDR_PARAMS, &path, sizeof(path));
}

void UsrsctpPeer::listen() {
  listener_ = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, receive, nullptr, 0, this);
  ASSERT_NE(listener_, nullptr);
  configure(listener_);
  sctp_paddrparams path{};
  path.spp_address.ss_family = AF_CONN;
  path.spp_flags = SPP_PMTUD_DISABLE;
  path.spp_pathmtu = kMtu;
  set(listener_, SCTP_PEER_ADDR_PARAMS, &path, sizeof(path));
  ASSERT_EQ(usrsctp_listen(listener_, 1), 0);
}

void UsrsctpPeer::accept() {
  if (listener_ != nullptr && socket_ == nullptr) {
    socket_ = usrsctp_accept(listener_, nullptr, nullptr);
    if (socket_ != nullptr) {
      usrsctp_set_non_blocking(socket_, 1);
    }
  }
}

void UsrsctpPeer::on_packet(Bytes packet) {
  usrsctp_conninput(this, packet.data(), packet.size(), 0);
  accept();
}

std::optional<std::vector<uint8_t>> UsrsctpPeer::poll_transmit() {
  if (output_.empty()) {
    return std::nullopt;
  }
  auto packet = std::move(output_.front());
  output_.pop_front();
  return packet;
}

void UsrsctpPeer::set_time(Micros now) {
  virtual_now = now;
}

Micros UsrsctpPeer::clock() {
  return virtual_now;
}

void UsrsctpPeer::tick() {
  usrsctp_handle_timers(kTick / 1ms);
}

bool UsrsctpPeer::send(Bytes payload, const Send& how) {
  sctp_sendv_spa spa{};
  spa.sendv_flags = SCTP_SEND_SNDINFO_VALID;
  spa.sendv_sndinfo.snd_sid = how.stream;
  spa.sendv_sndinfo.snd_flags = how.unordered ? SCTP_EOR | SCTP_UNORDERED : SCTP_EOR;
  spa.sendv_sndinfo.snd_ppid = htonl(how.ppid);
  if (how.max_retransmits || how.life_time_ms) {
    spa.sendv_flags |= SCTP_SEND_PRINFO_VALID;
    spa.sendv_prinfo.pr_policy = how.max_retransmits ? SCTP_PR_SCTP_RTX : SCTP_PR_SCTP_TTL;
    spa.sendv_prinfo.pr_value = how.max_retransmits.value_or(how.life_time_ms.value_or(0));
  }
  const ssize_t sent = usrsctp_sendv(socket_, payload.data(), payload.size(), nullptr, 0, &spa,
                                     sizeof(spa), SCTP_SENDV_SPA, 0);
  EXPECT_TRUE(sent >= 0 || errno == EWOULDBLOCK) << std::strerror(errno);
  return sent >= 0;
}

bool UsrsctpPeer::reset_streams(const std::vector<uint16_t>& streams, bool outgoing) {
  std::vector<uint8_t> raw(sizeof(sctp_reset_streams) + 2 * streams.size());
  auto* request = reinterpret_cast<sctp_reset_streams*>(raw.data());
  request->srs_assoc_id = SCTP_ALL_ASSOC;
  request->srs_flags = outgoing ? SCTP_STREAM_RESET_OUTGOING : SCTP_STREAM_RESET_INCOMING;
  request->srs_number_streams = static_cast<uint16_t>(streams.size());
  std::memcpy(request->srs_stream_list, streams.data(), 2 * streams.size());
  return usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_RESET_STREAMS, raw.data(),
                            static_cast<socklen_t>(raw.size())) == 0;
}

bool UsrsctpPeer::add_streams(uint16_t count) {
  sctp_add_streams request{};
  request.sas_assoc_id = SCTP_ALL_ASSOC;
  request.sas_outstrms = count;
  return usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_ADD_STREAMS, &request, sizeof(request)) ==
         0;
}

void UsrsctpPeer::shutdown() {
  usrsctp_shutdown(socket_, SHUT_WR);
}

void UsrsctpPeer::close() {
  for (struct socket** socket : {&socket_, &listener_}) {
    if (*socket != nullptr) {
      usrsctp_close(*socket);
      *socket = nullptr;
    }
  }
}

void UsrsctpPeer::on_receive(Bytes data, const sctp_rcvinfo& info, int flags) {
  if ((flags & MSG_NOTIFICATION) != 0) {
    on_notification(data);
    return;
  }
  std::vector<uint8_t>& partial = partial_[info.rcv_sid];
  partial.insert(partial.end(), data.begin(), data.end());
  if ((flags & MSG_EOR) != 0) {
    messages.push_back(
        {.stream = info.rcv_sid, .ppid = ntohl(info.rcv_ppid), .payload = std::move(partial)});
    partial.clear();
  }
}

void UsrsctpPeer::on_notification(Bytes data) {
  const auto* note = reinterpret_cast<const sctp_notification*>(data.data());
  switch (note->sn_header.sn_type) {
    case SCTP_ASSOC_CHANGE: {
      const sctp_assoc_change& change = note->sn_assoc_change;
      if (change.sac_state == SCTP_COMM_UP) {
        connected_ = true;
        inbound_streams = change.sac_inbound_streams;
        outbound_streams = change.sac_outbound_streams;
      } else if (change.sac_state == SCTP_RESTART) {
        ++restarts;
      } else {
        connected_ = false;
        ended_ = true;
      }
      break;
    }
    case SCTP_STREAM_RESET_EVENT: {
      const sctp_stream_reset_event& event = note->sn_strreset_event;
      const size_t count = (event.strreset_length - sizeof(event)) / 2;
      if ((event.strreset_flags & (SCTP_STREAM_RESET_DENIED | SCTP_STREAM_RESET_FAILED)) != 0) {
        ++failed_resets;
        break;
      }
      for (size_t i = 0; i < count; ++i) {
        if ((event.strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN) != 0) {
          resets_by_peer.push_back(event.strreset_stream_list[i]);
        } else {
          resets_done.push_back(event.strreset_stream_list[i]);
        }
      }
      break;
    }
    case SCTP_STREAM_CHANGE_EVENT:
      inbound_streams = note->sn_strchange_event.strchange_instrms;
      outbound_streams = note->sn_strchange_event.strchange_outstrms;
      break;
    default:
      break;
  }
}

}  // namespace sluice::sctp
