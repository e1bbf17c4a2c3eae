/**
 * The tag tokens of the CSP (WV-CSP-WBXML 1.1 and 1.2, IMPS-CSP-WBXML 1.3), a page in a row, from token 0x05 on. A word is the
 * name of the next token: `+1.2`, `+1.3` since when it is there, `~1.3` gone in 1.3, `=NAME` its name in 1.3, `-` no token.
 */
export const firstTagToken = 0x05;

export const tagPages: readonly string[] = [
  // 0: common
  `Acceptance AddList AddNickList SName WV-CSP-Message ClientID Code ContactList ContentData ContentEncoding
   ContentSize ContentType DateTime Description DetailedResult EntityList Group GroupID GroupList InUse~1.3 Logo
   MessageCount MessageID MessageURI MSISDN Name NickList NickName Poll Presence PresenceSubList PresenceValue
   Property Qualifier Recipient RemoveList RemoveNickList Result ScreenName Sender Session SessionDescriptor
   SessionID SessionType Status Transaction TransactionContent TransactionDescriptor TransactionID TransactionMode
   URL URLList User UserID UserList Validity Value`,
  // 1: access
  `AllFunctions AllFunctionsRequest CancelInvite-Request CancelInviteUser-Request Capability~1.3 CapabilityList
   CapabilityRequest ClientCapability-Request ClientCapability-Response DigestBytes DigestSchema Disconnect
   Functions GetSPInfo-Request GetSPInfo-Response InviteID InviteNote Invite-Request Invite-Response InviteType
   InviteUser-Request InviteUser-Response KeepAlive-Request KeepAliveTime Login-Request Login-Response
   Logout-Request Nonce Password Polling-Request ResponseNote SearchElement SearchFindings SearchID SearchIndex
   SearchLimit KeepAlive-Response SearchPairList Search-Request Search-Response SearchResult Service-Request
   Service-Response SessionCookie StopSearch-Request TimeToLive SearchString CompletionFlag - ReceiveList+1.2
   VerifyID-Request+1.2 Extended-Request+1.2 Extended-Response+1.2 AgreedCapabilityList+1.2 ExtendedData+1.2
   OtherServer+1.2 PresenceAttributeNSName+1.2 SessionNSName+1.2 TransactionNSName+1.2`,
  // 2: service
  `ADDGM AttListFunc~1.3 BLENT CAAUT~1.3 CAINV CALI~1.3 CCLI ContListFunc CREAG DALI~1.3 DCLI DELGR FundamentalFeat
   FWMSG GALS~1.3 GCLI GETGM GETGP GETLM GETM GETPR GETSPI GETWL GLBLU GRCHN GroupAuthFunc GroupFeat GroupMgmtFunc
   GroupUseFunc IMAuthFunc IMFeat IMReceiveFunc IMSendFunc INVIT InviteFunc MBRAC MCLS MDELIV NEWM NOTIF
   PresenceAuthFunc PresenceDeliverFunc PresenceFeat REACT~1.3 REJCM REJEC RMVGM SearchFunc ServiceFunc SETD SETGP
   SRCH STSRC SUBGCN UPDPR WVCSPFeat MF+1.2 MG+1.2 MM+1.2`,
  // 3: client capability
  `AcceptedCharSet~1.3 AcceptedContentLength~1.3 AcceptedContentType AcceptedTransferEncoding AnyContent
   DefaultLanguage InitialDeliveryMethod MultiTrans ParserSize ServerPollMin SupportedBearer SupportedCIRMethod
   TCPAddress TCPPort UDPPort CIRURL+1.2=CIRHTTPAddress UDPAddress+1.3 AcceptedPullLength+1.3
   AcceptedPushLength+1.3 AcceptedRichContentLength+1.3 AcceptedTextContentLength+1.3 OfflineETEMHandling+1.3
   PlainTextCharset+1.3 SessionPriority+1.3 SupportedOfflineBearer+1.3 - UserSessionLimit+1.3 CIRSMSAddress+1.3
   MultiTransPerMessage+1.3 OnlineETEMHandling+1.3 ContentPolicy+1.3 ContentPolicyLimit+1.3`,
  // 4: presence primitive
  `CancelAuth-Request~1.3 ContactListProperties CreateAttributeList-Request CreateList-Request DefaultAttributeList
   DefaultContactList DefaultList DeleteAttributeList-Request DeleteList-Request GetAttributeList-Request
   GetAttributeList-Response GetList-Request GetList-Response GetPresence-Request GetPresence-Response
   GetWatcherList-Request GetWatcherList-Response ListManage-Request ListManage-Response
   UnsubscribePresence-Request PresenceAuth-Request~1.3 PresenceAuth-User~1.3 PresenceNotification-Request
   UpdatePresence-Request SubscribePresence-Request AutoSubscribe+1.2~1.3 GetReactiveAuthStatus-Request+1.2~1.3
   GetReactiveAuthStatus-Response+1.2~1.3 CreateList-Response+1.3`,
  // 5: presence attribute
  `Accuracy Address AddrPref Alias Altitude Building Caddr City ClientInfo ClientProducer ClientType ClientVersion
   CommC CommCap ContactInfo ContainedvCard Country Crossing1 Crossing2 DevManufacturer DirectContent
   FreeTextLocation GeoLocation Language Latitude Longitude Model NamedArea OnlineStatus PLMN PrefC
   PreferredContacts PreferredLanguage ReferredContent ReferredvCard Registration StatusContent StatusMood
   StatusText Street TimeZone UserAvailability Cap Cname Contact Cpriority Cstatus Note Zone ContentType+1.2
   Inf_link+1.2 InfoLink+1.2 Link+1.2 Text+1.2 ClientContentLimit+1.3 ClientIMPriority+1.3 MaxPullLength+1.3
   MaxPushLength+1.3`,
  // 6: messaging
  `BlockList BlockEntity-Request DeliveryMethod DeliveryReport DeliveryReport-Request ForwardMessage-Request
   GetBlockedList-Request GetBlockedList-Response GetMessageList-Request GetMessageList-Response GetMessage-Request
   GetMessage-Response GrantList MessageDelivered MessageInfo MessageNotification NewMessage RejectMessage-Request
   SendMessage-Request SendMessage-Response SetDeliveryMethod-Request DeliveryTime - - - - - MessageInfoList+1.3
   ForwardMessage-Response+1.3`,
  // 7: group
  `AddGroupMembers-Request Admin CreateGroup-Request DeleteGroup-Request GetGroupMembers-Request
   GetGroupMembers-Response GetGroupProps-Request GetGroupProps-Response GroupChangeNotice GroupProperties Joined
   JoinedRequest JoinGroup-Request JoinGroup-Response LeaveGroup-Request LeaveGroup-Response Left
   MemberAccess-Request Mod OwnProperties RejectList-Request RejectList-Response RemoveGroupMembers-Request
   SetGroupProps-Request SubscribeGroupNotice-Request SubscribeGroupNotice-Response Users~1.3 WelcomeNote JoinGroup
   SubscribeNotification SubscribeType GetJoinedUsers-Request+1.2 GetJoinedUsers-Response+1.2 AdminMapList+1.2
   AdminMapping+1.2 Mapping+1.2 ModMapping+1.2 UserMapList+1.2 UserMapping+1.2 JoinedBlocked+1.3 LeftBlocked+1.3`,
  // 8: service (continued)
  `MP+1.2 GETAUT+1.2 GETJU+1.2 VRID+1.2 VerifyIDFunc+1.2 GETMAP+1.3 SGMNT+1.3 EXCON+1.3 OFFNOTIF+1.3 ADVSR+1.3`,
  // 9: common (continued)
  `CIR+1.2 Domain+1.2 ExtBlock+1.2 HistoryPeriod+1.2 IDList+1.2 MaxWatcherList+1.2
   ReactiveAuthState+1.2=AnswerOptionText ReactiveAuthStatus+1.2~1.3 ReactiveAuthStatusList+1.2~1.3 Watcher+1.2
   WatcherStatus+1.2 Font+1.3 Size+1.3 Style+1.3 Color+1.3 ContentName+1.3 Map+1.3 NotificationType+1.3
   NotificationTypeList+1.3 FriendlyName+1.3 ClearPublicProfile+1.3 PublicProfile+1.3 AnswerOption+1.3
   AnswerOptionID+1.3 AnswerOptions+1.3 ApplicationID+1.3 AuthorizeAndGrant+1.3 ChosenOptionID+1.3
   ContactListNotify+1.3 DefaultNotify+1.3 ExtendConversationUser+1.3 InText+1.3 SegmentCount+1.3 SegmentID+1.3
   SegmentInfo+1.3 SegmentReference+1.3 SystemMessage+1.3 SystemMessageID+1.3 SystemMessageList+1.3
   SystemMessageResponse+1.3 SystemMessageResponseList+1.3 - SystemMessageText+1.3 TryAgainTimeout+1.3
   UserNotify+1.3 VerificationKey+1.3 VerificationMechanism+1.3 GetMap-Request+1.3 GetMap-Response+1.3
   ExtendConversationID+1.3 WatcherCount+1.3 RequiresResponse+1.3 ExtBlockETEM+1.3 GroupContentLimit+1.3
   MessageTotalCount+1.3 UnrecognizedUserID+1.3 UserIDPair+1.3 ValidUserID+1.3 UserIDList+1.3`,
  // A: access (continued)
  `WV-CSP-VersionDiscovery-Request+1.2 WV-CSP-VersionDiscovery-Response+1.2 VersionList+1.2
   SubscribeNotification-Request+1.3 UnsubscribeNotification-Request+1.3 Notification-Request+1.3
   AdvancedCriteria+1.3 PairID+1.3 GetPublicProfile-Request+1.3 GetPublicProfile-Response+1.3
   UpdatePublicProfile-Request+1.3 DropSegment-Request+1.3 ExtendConversation-Response+1.3
   ExtendConversation-Request+1.3 GetSegment-Request+1.3 GetSegment-Response+1.3 SystemMessage-Request+1.3
   SystemMessage-User+1.3 SearchPair+1.3 SegmentContent+1.3`,
  // B: common (continued 2)
  `GrantListInUse+1.3 BlockListInUse+1.3 ContactListIDList+1.3 AnswerOptionsText+1.3`,
];
