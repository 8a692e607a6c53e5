// print: size=1440x960 key=#231f3a spot=#f0a93a seed=5 knock=.9
// Night on the north mole: a sea stands over it as high as the lamp at its end.
#declare Seed=6; #declare Haze=300; #declare HazeTop=22; #declare HazeTone=.20; #declare OwnSky=1;
#declare SunX=-.75; #declare SunY=.55; #declare SunZ=-.35; #declare SunLight=.8; #declare Fill=.10; #declare Ambient=.10;
#include "kit.inc"
#declare Eye=<-1,6.4,-52>;
camera{location Eye look_at Eye+<.05,.105,1> right x*image_width/image_height angle 52}
Overcast(120,.004,.34,150,60)
#declare Sea=function(a,b){sin(a*.075+b*.05)*1.1+sin(a*.16-b*.09+1)*.7+sin(a*.04+b*.21+2)*.7+abs(sin(a*.24+b*.15))*.6-.3+sin(a*.55-b*.36)*.18+sin(a*1.0+b*.33)*.08}
Swell(Sea,3.6,-260,-51,260,300,520,.05)
// The mole: a deck, a parapet on the sea side, the head with its light.
union{
  box{<-3.4,-4,-70>,<3.4,3.4,0> Tone(.22)} box{<-3.8,-4,-70>,<-2.4,5.6,0> Tone(.20)}
  #declare i=0; #while(i<17) box{<-2.41,3.4,-4.02-i*4>,<-2.37,5.6,-4-i*4> Flat(.01)} box{<-2.4,3.39,-4.04-i*4>,<3.41,3.41,-4-i*4> Flat(.02)} #declare i=i+1; #end
  cylinder{<0,-4,4>,<0,3.4,4>,7.2 Tone(.22)} cylinder{<0,3.3,4>,<0,3.7,4>,7.5 Tone(.16)}
  #declare i=0; #while(i<14) Bar(<2.9,3.4,-3-i*4>,<2.9,4.5,-3-i*4>,.07) #declare i=i+1; #end Bar(<2.9,4.45,-60>,<2.9,4.45,0>,.05)
  union{ cone{0,1.9,y*9.6,1.35 Tone(.62)} cylinder{y*9.5,y*9.9,2.1 Tone(.01)} torus{2.0,.05 translate y*10.9 Tone(.01)}
    #declare i=0; #while(i<12) Bar(<2*cos(i*pi/6),9.9,2*sin(i*pi/6)>,<2*cos(i*pi/6),10.9,2*sin(i*pi/6)>,.05) #declare i=i+1; #end
    cylinder{y*9.9,y*10.5,1.12 Tone(.01)} cylinder{y*10.5,y*12.2,1.0 Spot(.98)} #declare i=0; #while(i<6) Bar(<1.03*cos(i*pi/3+.3),10.4,1.03*sin(i*pi/3+.3)>,<1.03*cos(i*pi/3+.3),12.2,1.03*sin(i*pi/3+.3)>,.07) #declare i=i+1; #end
    cone{y*12.2,1.4,y*13.5,.1} Bar(y*13.4,y*14.6,.06) box{<-.5,0,-2>,<.5,2.1,-1.6> Flat(.01)} Tone(.01) translate<0,3.6,4>}
  Tone(.01) rotate y*33 translate<13,0,22>}
Glow(<14.2,15.9,28>,8.5,.66)
#declare Front=function(a,b){max(Sea(a,b),0)+.1} Path(Front,<14.5,0,16>,<9,0,-44>,2.2,130)
Spray(<-13,1,26>,25,24,.14,3.1,T4,.36)
Spray(<-21,-1,12>,12,17,.10,7.7,T4,.36)
Spray(<-2,0,25>,11,13,.16,5.2,T4,.36)
Rocks(60,-6,9,-26,8,.9,2.0,.09)
Rocks(34,-1,16,-43,-34,.7,1.7,.03)
Rain(Eye,230,.55,.42)
