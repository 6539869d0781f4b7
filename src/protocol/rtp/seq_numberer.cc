#include "protocol/rtp/seq_numberer.h"

namespace sluice::rtp {

template class SeqNumberer<16>;
template class SeqNumberer<15>;
template class SeqNumberer<8>;
template class SeqNumberer<3>;

}  // namespace sluice::rtp
